// Words, numbers and page elements of gap_map.html, in the reader's language. Text from data only ever becomes textContent.

function circleWords(data) {
  const T = data.text;
  const plural = new Intl.PluralRules(data.lang);
  const number = (value) => Number(value).toLocaleString(data.lang);
  // an Arabic or Hebrew name would draw the number behind it to its wrong side
  const isolated = (name) => (/[\u0590-\u08ff]/.test(name) ? `\u2066${name}\u2069` : name);
  const said = (value) => (typeof value === "number" ? number(value) : isolated(value));
  // a place is {name}, or {name:one|several} for the form that stands with its number
  const fill = (template, values) => template.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name, forms) =>
    forms === undefined ? said(values[name]) : forms.split("|")[data.plural.indexOf(plural.select(values[name]))]);
  const percent = (share) => (share === null ? "–" : number((share * 100).toFixed(1)) + "%");

  function el(tag, className, content) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (content !== undefined) node.textContent = content;
    return node;
  }

  function popup(title, lines) {
    const node = el("div", "circle-popup");
    node.append(el("strong", "", title), ...lines.map((line) => el("p", "", line)));
    return node;
  }

  return { T, number, fill, percent, el, popup };
}
