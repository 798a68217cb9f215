// The panel of province_map.html: the answer over all counties, what is asked, who is worst off, what the colours mean.

function countyPanel(data, view, told) {
  const { words, state, numbers, classes, hatch } = view;
  const { T, said, fill, el, peopleWords, shareWords } = words;
  const wide = () => window.innerWidth >= 700;
  const frame = el("section", "circle-frame"), panel = el("details", "circle-panel");
  const title = el("h1"), tongues = el("span", "circle-languages"), body = el("div", "circle-body");
  const answer = el("p", "circle-numbers"), heading = el("h2"), ranking = el("ol", "circle-ranking"), legend = el("div", "circle-legend");
  const about = circleAbout(data, words, state);
  const MOST = window.innerHeight < 790 ? 5 : 8;

  function select(id, name, options, chosen, change) {
    const label = el("label", "circle-select", name), node = el("select");
    node.id = id;
    options.forEach(([value, content]) => node.append(new Option(content, value, false, value === chosen)));
    node.addEventListener("change", () => { change(node.value); told.draw(); });
    label.append(node);
    return label;
  }

  function languages() {
    return Object.keys(data.said).map((lang) => {
      const button = el("button", "", data.said[lang].own_name);
      Object.assign(button, { type: "button", lang: data.said[lang].tag });
      button.setAttribute("aria-pressed", String(lang === state.lang));
      button.addEventListener("click", (event) => { event.preventDefault(); state.lang = lang; told.speak(); });
      return button;
    });
  }

  function asked() {
    const box = el("div", "circle-asked"), second = el("div", "circle-asked");
    const listed = (names) => names.map((name, i) => [String(i), name]);
    if (said().services.length) box.append(select("circle-service", T.service, listed(said().services.map((one) => one.name)), String(state.service), (value) => { state.service = Number(value); }));
    if (said().groups.length > 1) box.append(select("circle-group", T.group, listed(said().groups), String(state.group), (value) => { state.group = Number(value); }));
    const measures = [["share", T.county_share], ["uncovered", T.county_uncovered], ...(data.previous ? [["change", T.county_change]] : [])];
    second.append(select("circle-measure", T.county_measure, measures, state.measure, (value) => { state.measure = value; }));
    const label = el("label", "circle-choice"), input = el("input");
    Object.assign(input, { type: "checkbox", name: "names", checked: state.names });
    input.addEventListener("change", () => { state.names = input.checked; view.naming(); });
    label.append(input, el("span", "", T.layer_names));
    second.append(label);
    return [box, second];
  }

  function listed(content, open) {
    const item = el("li"), button = el("button", "", content);
    button.type = "button";
    button.addEventListener("click", open);
    item.append(button);
    return item;
  }

  const nameOf = (county) => county.name.trim() || county.code.trim() || T.no_name;

  // those worst off by what the map shows, or by the column that the batch was asked to rank by
  function worst() {
    const all = data.counties.map((county, i) => [county, i, county.failed ? null : numbers.of(state.service, state.group, i)]).filter(([, , own]) => own && own.people > 0);
    const ranked = data.rankBy && state.measure === "share" && all.some(([, , own]) => own.rank !== null);
    const key = ranked ? (own) => own.rank : state.measure === "uncovered" ? (own) => -own.uncovered : (own) => own[state.measure];
    const order = all.filter(([, , own]) => key(own) !== null && key(own) !== undefined).sort((a, b) => key(a[2]) - key(b[2]) || a[1] - b[1]);
    const titles = { share: T.county_worst_share, uncovered: T.county_worst_uncovered, change: T.county_worst_change };
    heading.textContent = ranked ? fill(T.county_worst_by, { column: said().rankBy }) : titles[state.measure];
    let place = 0;
    ranking.replaceChildren(...order.slice(0, MOST).map(([county, i, own], k) => {
      if (!k || key(own) !== key(order[k - 1][2])) place = ranked ? own.rank : k + 1; // equals share a place
      const values = { name: nameOf(county), share: shareWords(own.share), uncovered: peopleWords(own.uncovered) };
      const content = state.measure === "change" ? fill(T.county_changed, { ...values, change: pointWords(own.change) }) : fill(T.county_ranked, values);
      const item = listed(content, () => county.open());
      item.value = place;
      return item;
    }));
    if (!order.length) ranking.replaceChildren(el("li", "circle-note", T.county_none));
  }

  function pointWords(change) {
    const points = words.fixed(Math.abs(change) * 100, 1);
    return Number(points) === 0 ? "±0" : `${change < 0 ? "−" : "+"}${points}`;
  }
  view.pointWords = pointWords;

  function key(paint, content, className) {
    const row = el("div", "circle-key"), swatch = el("i", className);
    swatch.style.background = paint;
    row.append(swatch, el("span", "", content));
    return row;
  }

  function classWords(k, limits) {
    const plain = { share: (v) => words.number(Math.round(v * 1000) / 10), uncovered: (v) => words.number(v), change: (v) => `${v < 0 ? "−" : "+"}${Math.abs(v * 100)}` }[state.measure];
    const low = k ? plain(limits[k - 1]) : null, high = k < limits.length ? plain(limits[k]) : null;
    const unit = state.measure === "share" ? "%" : state.measure === "change" ? T.county_points : "";
    const [from, to] = state.measure === "share" && limits[0] === 0.2 ? [low || "0", high || "100"] : [low, high]; // fifths of everybody
    const content = from === null ? fill(T.county_below, { high: to, unit }) : to === null ? fill(T.county_from, { low: from, unit }) : fill(T.county_between, { low: from, high: to, unit });
    return content.trim();
  }

  function keys() {
    const limits = classes.bounds(), counts = COUNTY_COLOURS[state.measure].map(() => 0);
    let nobody = 0, failed = 0;
    data.counties.forEach((county, i) => {
      if (county.failed) { failed++; return; }
      const own = numbers.of(state.service, state.group, i), value = own[state.measure];
      if (!(own.people > 0) || value === null || value === undefined) nobody++;
      else counts[classes.classOf(value, limits)]++;
    });
    const measure = { share: T.county_share, uncovered: T.county_uncovered, change: T.county_change }[state.measure];
    const rows = COUNTY_COLOURS[state.measure].map((colour, k) => key(colour, fill(T.county_class, { words: classWords(k, limits), count: counts[k] }), "circle-cell"));
    if (nobody) rows.push(key(COUNTY_COLOURS.nobody, fill(state.measure === "change" ? T.county_not_compared : T.legend_nobody, { count: nobody }), "circle-cell"));
    if (failed) rows.push(key(`url(${hatch.tile.toDataURL()})`, fill(T.county_without, { count: failed }), "circle-cell"));
    legend.replaceChildren(el("strong", "circle-legend-title", measure), ...rows);
  }

  function totals() {
    const sum = data.totals.length ? data.totals[state.service][state.group] : null;
    if (!sum) { answer.textContent = T.county_none; return; }
    answer.replaceChildren(el("strong", "", shareWords(sum.share)),
      el("span", "", fill(T.numbers, { people: peopleWords(sum.people), uncovered: peopleWords(sum.uncovered), kind: said().kind })));
  }

  function failures() {
    const failed = data.counties.map((county, i) => [county, i]).filter(([county]) => county.failed);
    if (!failed.length) return [];
    const box = el("details", "circle-about"), list = el("ul");
    box.append(el("summary", "", fill(T.county_failures, { count: failed.length })), list);
    list.append(...failed.map(([county]) => {
      const item = listed(nameOf(county), () => county.open());
      item.append(el("div", "circle-note", county.failed[state.lang]));
      return item;
    }));
    list.className = "circle-ranking";
    return [box];
  }

  function speak() {
    title.textContent = said().title;
    tongues.replaceChildren(...languages());
    told.search.speak();
    about.speak();
    body.replaceChildren(told.search.node, el("p", "circle-answer", said().sentence), ...said().elsewhere.map((line) => el("p", "circle-note", line)), ...asked(), answer, heading, ranking, ...failures(), legend, about.node);
    settle();
  }

  function show() {
    totals();
    worst();
    keys();
  }

  const summary = el("summary");
  summary.append(title);
  panel.append(summary, body);
  panel.open = wide();
  frame.append(tongues, panel);
  L.DomEvent.disableClickPropagation(frame);
  frame.addEventListener("click", (event) => event.stopPropagation());
  L.DomEvent.disableScrollPropagation(frame);
  panel.addEventListener("toggle", settle);
  window.addEventListener("resize", settle);

  // folded on a narrow screen, the panel still says what the colours mean
  function settle() {
    if (!wide() && !panel.open) frame.append(legend);
    else if (legend.parentNode !== body) body.insertBefore(legend, about.node);
  }

  return {
    node: frame,
    speak,
    show,
    fold: () => { panel.open = false; },
    unfold: () => { panel.open = wide(); },
    beside: () => (wide() && panel.open ? panel.offsetWidth + 20 : 10),
    below: () => (wide() ? 10 : frame.offsetHeight + 60),
    covers: () => (wide() ? 0 : frame.offsetHeight),
  };
}
