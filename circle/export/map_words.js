// Words, numbers and page elements of gap_map.html, in the reader's language. Text from data only ever becomes textContent.

function circleWords(data, state) {
  const said = () => data.said[state.lang];
  const T = new Proxy({}, { get: (_, key) => said().text[key] });
  const number = (value, digits) => Number(value).toLocaleString(said().tag, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // an Arabic or Hebrew name would draw the number behind it to its wrong side
  const isolated = (name) => (/[\u0590-\u08ff]/.test(name) ? `\u2066${name}\u2069` : name);
  const shown = (value) => (typeof value === "number" ? number(value) : isolated(value));
  // a place is {name}, or {name:one|several} for the form that stands with its number
  const fill = (template, values) => template.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name, forms) => {
    if (forms === undefined) return shown(values[name]);
    return forms.split("|")[said().plural.indexOf(new Intl.PluralRules(said().tag).select(values[name]))];
  });

  // people and shares are rounded as Python does it: half to even, and never to all or none
  function whole(value) {
    const low = Math.floor(value);
    return value - low === 0.5 ? low + (low % 2) : Math.round(value);
  }
  const peopleWords = (people) => (people > 0 && people < 0.5 ? "<1" : number(whole(people)));
  function shareWords(share) {
    if (share === null) return "–";
    if (share >= 0.9995 && share < 1) return ">99.9%";
    if (share > 0 && share < 0.0005) return "<0.1%";
    return `${(share * 100).toFixed(1)}%`;
  }

  // the slider's k-th position in minutes or metres
  function limitWords(k) {
    const value = (data.main * k) / data.people.main;
    const amount = data.metric === "time" ? value / 60 : value;
    return fill(data.metric === "time" ? T.slider_minutes : T.slider_metres, { amount: Math.round(amount * 100) / 100 });
  }

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

  return { said, T, number, fill, whole, peopleWords, shareWords, limitWords, el, popup };
}
