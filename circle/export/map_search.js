// The search of gap_map.html: districts, places, gaps and facilities by name. What is found only ever becomes textContent.

// letters that Unicode does not take apart into a plain one and a mark
const CIRCLE_LETTERS = { "ø": "o", "đ": "d", "ð": "d", "ł": "l", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th" };

// as names are compared: without case, accents, Arabic and Hebrew points, marks of direction, and width
function circleFolded(name) {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u0652\u0640]/g, "").replace(/\p{Cf}/gu, "");
  return plain.toUpperCase().toLowerCase().replace(/[øđðłħıæœþ]/g, (letter) => CIRCLE_LETTERS[letter]).replace(/[\s\u0000-\u001f]+/g, " ").trim();
}

// how well a folded name fits what is asked: the whole of it, its beginning, that of a word, anywhere, not at all
const CIRCLE_NO_FIT = 4;
function circleFit(name, asked) {
  const at = name.indexOf(asked);
  if (at < 0) return CIRCLE_NO_FIT;
  if (at === 0) return name.length === asked.length ? 0 : 1;
  return /[\s\-'’(（/·]/.test(name[at - 1]) || name.includes(` ${asked}`) ? 2 : 3;
}

// the best of all entries without sorting what is not shown; among equals the order of the entries
function circleBest(entries, asked, most) {
  const best = [];
  let count = 0;
  const before = (a, b) => a.fit - b.fit || a.entry.kind - b.entry.kind || a.entry.folded.length - b.entry.folded.length;
  for (const entry of entries) {
    const fit = circleFit(entry.folded, asked);
    if (fit === CIRCLE_NO_FIT) continue;
    count++;
    const one = { entry, fit };
    if (best.length === most && before(one, best[most - 1]) >= 0) continue;
    let at = best.length;
    while (at > 0 && before(one, best[at - 1]) < 0) at--;
    best.splice(at, 0, one);
    if (best.length > most) best.pop();
  }
  return { count, found: best.map((one) => one.entry) };
}

function circleSearch(data, view) {
  const { words, state } = view;
  const { T, said, fill, el } = words;
  const MOST = 10;
  const DISTRICT = 0, PLACE = 1, GAP = 2, FACILITY = 3;
  const box = el("div", "circle-search"), input = el("input"), list = el("ul"), note = el("p"), drop = el("div");
  let entries = null, found = [], active = -1;

  // made when it is first needed: twenty thousand names take a moment that the first picture should not wait for
  function all() {
    if (entries) return entries;
    entries = [];
    const add = (kind, name, at, number, i) => { if (name && name.trim()) entries.push({ kind, name, folded: circleFolded(name), at, number, i }); };
    data.districts.forEach((district, i) => add(DISTRICT, district.name, district.at, -1, i));
    data.places.forEach(([lon, lat, name], i) => add(PLACE, name, [lat, lon], -1, i));
    data.services.forEach((service, number) => {
      service.gaps.forEach((gap, i) => { if (gap.rank !== null) add(GAP, said().services[number].gaps[i][0], gap.site, number, i); });
      service.facilities.forEach(([lon, lat, name], i) => add(FACILITY, name, [lat, lon], number, i));
    });
    entries = entries.filter((entry) => entry.folded);
    return entries;
  }

  const bounds = new Map();
  function boundsOf(i) {
    if (!bounds.has(i)) bounds.set(i, data.districts[i].shape.map((polygon) => polygon.map(circleRing)));
    return bounds.get(i);
  }

  function districtAt([lat, lon]) {
    const i = data.districts.findIndex((_, k) => boundsOf(k).some((rings) => rings.reduce((inside, ring) => inside !== circleInside(ring, lon * 1e5, lat * 1e5), false)));
    return i < 0 ? "" : data.districts[i].name;
  }

  function kindOf({ kind, number, i }) {
    if (kind === DISTRICT) return T.search_district;
    if (kind === PLACE) return T.search_place;
    const service = said().services[number].name;
    return kind === GAP ? fill(T.search_gap, { service, rank: data.services[number].gaps[i].number }) : service;
  }

  function option(entry, k) {
    const item = el("li");
    Object.assign(item, { id: `circle-found-${k}` });
    item.setAttribute("role", "option");
    const name = el("bdi", "", entry.name); // its direction ends with it
    const where = entry.kind === DISTRICT ? "" : districtAt(entry.at);
    const beside = el("span", "", kindOf(entry));
    if (where && circleFolded(where) !== entry.folded) beside.append(" · ", el("bdi", "", where));
    item.append(name, " ", beside);
    item.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the keyboard
    item.addEventListener("click", () => choose(k));
    return item;
  }

  function mark(k) {
    active = k;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === k)));
    if (k < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", `circle-found-${k}`);
    list.children[k].scrollIntoView({ block: "nearest" });
  }

  function show() {
    const asked = circleFolded(input.value);
    const { count, found: best } = asked ? circleBest(all(), asked, MOST) : { count: 0, found: [] };
    found = best;
    list.replaceChildren(...found.map(option));
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(found.length > 0));
    mark(-1);
    note.textContent = !asked ? "" : !count ? T.search_none : count > MOST ? fill(T.search_more, { shown: MOST, count }) : fill(T.search_found, { count });
    note.className = count > 0 && count <= MOST ? "circle-said" : ""; // what is seen need not be written as well
    drop.className = asked ? "circle-found" : "";
  }

  function close() {
    found = [];
    list.replaceChildren();
    list.hidden = true;
    note.textContent = drop.className = "";
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    active = -1;
  }

  function choose(k) {
    const entry = found[k];
    input.value = entry.name;
    close();
    input.blur(); // on a phone the keyboard would hide what was found
    const shown = state.service, together = data.services[shown].all;
    if (entry.kind === GAP) view.ask({ service: entry.number, gaps: true, at: data.people.main });
    if (entry.kind === FACILITY) view.ask({ service: together ? shown : entry.number, facilities: true });
    if (entry.kind === DISTRICT) data.districts[entry.i].open();
    if (entry.kind === PLACE) view.goTo(entry.at, entry.name);
    if (entry.kind === GAP) data.services[entry.number].gaps[entry.i].open();
    if (entry.kind === FACILITY) data.services[entry.number].open(entry.i);
  }

  function pressed(event) {
    if (event.isComposing || event.keyCode === 229) return; // the Enter that ends a Chinese word chooses nothing here
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (!found.length) return show();
      const places = found.length + 1; // the field itself is one of them
      mark(((active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (found.length) choose(Math.max(active, 0));
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (!found.length) input.value = "";
      close();
    }
  }

  function speak() {
    input.placeholder = T.search_hint;
    input.setAttribute("aria-label", T.search);
    list.setAttribute("aria-label", T.search_results);
    entries = null; // gaps are named in the reader's language
    close();
  }

  Object.assign(input, { type: "text", id: "circle-search", autocomplete: "off", spellcheck: false, dir: "auto", enterKeyHint: "search" });
  Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "circle-found" })
    .forEach(([name, value]) => input.setAttribute(name, value));
  list.id = "circle-found";
  list.setAttribute("role", "listbox");
  note.setAttribute("role", "status");
  input.addEventListener("input", show);
  input.addEventListener("focus", () => { if (input.value) input.select(); });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", pressed);
  drop.append(list, note);
  box.append(input, drop);
  return { node: box, speak };
}

// a ring of steps as flat whole positions, and whether a point lies in it
function circleRing(steps) {
  const ring = new Float64Array(steps.length);
  for (let i = 0; i < steps.length; i++) ring[i] = steps[i] + (i > 1 ? ring[i - 2] : 0);
  return ring;
}

function circleInside(ring, x, y) {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    const crosses = ring[i + 1] > y !== ring[j + 1] > y;
    if (crosses && x < ring[i] + ((y - ring[i + 1]) * (ring[j] - ring[i])) / (ring[j + 1] - ring[i + 1])) inside = !inside;
  }
  return inside;
}
