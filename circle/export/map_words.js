// Words, numbers and page elements of gap_map.html, in the reader's language. Text from data only ever becomes textContent.

function circleWords(data, state) {
  const said = () => data.said[state.lang];
  const T = new Proxy({}, { get: (_, key) => said().text[key] });
  const number = (value, digits) => Number(value).toLocaleString(said().tag, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // an Arabic or Hebrew name would draw the number behind it to its wrong side
  const isolated = (name) => (/[\u0590-\u08ff\u202a-\u202e]/.test(name) ? `\u2066${name}\u2069` : name);
  const shown = (value) => (typeof value === "number" ? number(value) : isolated(value));
  // a place is {name}, or {name:one|several} for the form that stands with its number
  const fill = (template, values) => template.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name, forms) => {
    if (forms === undefined) return shown(values[name]);
    return forms.split("|")[said().plural.indexOf(new Intl.PluralRules(said().tag).select(values[name]))];
  });

  // numbers are rounded as Python does it: half to even
  function fixed(value, digits) {
    const [units, rest] = value.toFixed(50).split(".");
    if (!/^50*$/.test(rest.slice(digits))) return value.toFixed(digits);
    const low = `${units}.${rest.slice(0, digits)}`; // exactly in the middle
    return Number(low.replace(".", "").slice(-1)) % 2 ? (Number(low) + 10 ** -digits).toFixed(digits) : Number(low).toFixed(digits);
  }
  const whole = (value) => Number(fixed(value, 0));
  const peopleWords = (people) => (people > 0 && people < 0.5 ? "<1" : number(whole(people)));
  function shareWords(share) {
    if (share === null) return "–";
    if (share >= 0.9995 && share < 1) return ">99.9%";
    if (share > 0 && share < 0.0005) return "<0.1%";
    return `${fixed(share * 100, 1)}%`;
  }

  // as Python says it: in as many digits as keep it on its side of the limits asked for
  function digitsOf(value, limits, digits) {
    let places = digits;
    const crosses = () => limits.some((limit) => (Number(fixed(value, places)) <= limit) !== (value <= limit));
    while (places < 6 && crosses()) places++;
    return places;
  }
  function onItsSide(value, limits, digits) {
    const places = digitsOf(value, limits, digits);
    return number(fixed(value, places), places);
  }
  const unit = (name, told) => said().words[name].replace("{number}", told);
  function lengthWords(metres) {
    if (metres === null) return said().unreached;
    return metres < 1000 ? unit("metres", number(metres)) : unit("kilometres", number(fixed(metres / 1000, 1), 1));
  }
  function costWords(cost) {
    if (cost === null) return said().unreached;
    if (data.metric !== "time") return Number(fixed(cost, 0)) < 1000 ? unit("metres", onItsSide(cost, data.limits, 0)) : unit("kilometres", onItsSide(cost / 1000, data.limits.map((limit) => limit / 1000), 1));
    const minutes = cost / 60;
    return unit("minutes", onItsSide(minutes, data.limits.map((limit) => limit / 60), minutes < 10 ? 1 : 0));
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
    node.addEventListener("click", (event) => event.stopPropagation()); // a button that is gone by then would click the map below
    return node;
  }

  return { said, T, number, fill, fixed, whole, peopleWords, shareWords, limitWords, lengthWords, costWords, el, popup };
}
