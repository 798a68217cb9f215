// The panel of gap_map.html: the answer, what is asked, what follows from it, what is shown.

function circlePanel(data, view, told) {
  const { people, words, state } = view;
  const { T, said, fill, el, peopleWords, shareWords, limitWords } = words;
  const wide = () => window.innerWidth >= 700; // narrower, the panel would hide the map
  const frame = el("section", "circle-frame"), panel = el("details", "circle-panel");
  const title = el("h1"), tongues = el("span", "circle-languages"), body = el("div", "circle-body");
  const slider = el("input"), at = el("output"), numbers = el("p", "circle-numbers"), table = el("table", "circle-shares");
  const ranking = el("ol", "circle-ranking"), gapList = el("ol", "circle-gaps");
  const legend = circleLegend(data, view);
  const about = circleAbout(data, words, state);
  const ofRun = circleOfRun(data, view);
  const MOST_ROWS = window.innerHeight < 810 ? { districts: 2, gaps: 4 } : { districts: 3, gaps: 5 }; // the legend is to be seen as well

  function choice(kind, group, value, content, chosen, change) {
    const label = el("label", "circle-choice");
    const input = el("input");
    Object.assign(input, { type: kind, name: group, value, checked: chosen });
    input.addEventListener("change", () => { change(input.checked); told.draw(); });
    label.append(input, el("span", "", content));
    return label;
  }

  function together(name, choices) {
    const box = el("div", "circle-choices");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", name);
    box.append(el("strong", "", name), ...choices);
    return box;
  }

  function select(id, name, options, chosen, change) {
    const label = el("label", "circle-select", name);
    const node = el("select");
    node.id = id;
    options.forEach((content, i) => node.append(new Option(content, String(i), false, i === chosen)));
    node.addEventListener("change", () => change(Number(node.value)));
    label.append(node);
    return label;
  }

  function languages() {
    return Object.keys(data.said).map((lang) => {
      const button = el("button", "", data.said[lang].own_name);
      Object.assign(button, { type: "button", lang: data.said[lang].tag });
      button.setAttribute("aria-pressed", String(lang === state.lang));
      button.addEventListener("click", (event) => {
        event.preventDefault();
        state.lang = lang;
        told.speak();
        tongues.querySelector('[aria-pressed="true"]').focus({ preventScroll: true }); // the button that was pressed is another one now
      });
      return button;
    });
  }

  function asked() {
    const names = said().services.map((service) => service.name);
    const chosen = el("div", "circle-asked");
    chosen.append(select("circle-service", T.service, names, state.service, (i) => { state.service = i; told.draw(); }));
    if (said().groups.length > 1) {
      chosen.append(select("circle-group", T.group, said().groups, state.group, (i) => { state.group = i; shares(); told.recolour(); }));
    }
    if (!people.places) return [chosen];
    const label = el("label", "circle-slider", T.within);
    slider.setAttribute("list", "circle-limits");
    const ticks = el("datalist");
    ticks.id = "circle-limits";
    data.people.limits.filter((k) => k !== null).forEach((k) => ticks.append(new Option("", String(k))));
    label.append(slider, at, ticks);
    return [chosen, label, numbers, ofRun.node];
  }

  function shown() {
    const shades = [["places", T.shade_places], ["isochrones", T.shade_isochrones], ["districts", T.shade_districts], ["none", T.shade_none]]
      .filter(([value]) => (value !== "districts" || data.districts.length) && (value !== "places" && value !== "districts" || people.places))
      .map(([value, content]) => choice("radio", "circle-shading", value, content, state.shading === value, () => { state.shading = value; }));
    const layers = [...(data.tiles ? [["tiles", T.layer_tiles]] : []), ["gaps", T.layer_gaps], ["facilities", T.layer_facilities], ["names", T.layer_names], ...(data.relief ? [["relief", T.layer_relief]] : []), ["paper", T.layer_paper]]
      .map(([value, content]) => choice("checkbox", value, value, content, state[value], (on) => { state[value] = on; }));
    return [together(T.shading, shades), together(T.layers, layers)];
  }

  // the straight line stands beside the network where it was asked for: at the limits
  function shares() {
    const head = el("tr");
    head.append(...[T.within, T.on_foot, T.straight].map((content) => el("th", "", content)));
    table.replaceChildren(head, ...data.people.limits.map((k, i) => {
      const row = el("tr");
      const [network, straight] = said().services[state.service].shares[state.group][i];
      row.append(el("td", "", said().limits[i]), el("td", "circle-share", network), el("td", "", straight));
      return row;
    }));
  }

  // whom it counts, in brackets at the end, stays on one line
  function entitle() {
    const whole = said().title, kind = said().kind.trim(), ends = kind && whole.endsWith(kind);
    title.replaceChildren(ends ? whole.slice(0, -kind.length) : whole, ...(ends ? [el("span", "circle-kind", kind)] : []));
  }

  function speak() {
    entitle();
    tongues.replaceChildren(...languages());
    told.search.speak();
    about.speak();
    body.replaceChildren(told.search.node, el("p", "circle-answer", said().sentence), ...asked(), table);
    if (people.places && data.districts.length) body.append(el("h2", "", T.ranking), ranking);
    body.append(el("h2", "", fill(T.largest_gaps_within, { limit: [said().main, ...said().groups.slice(0, said().groups.length > 1 ? 1 : 0)].join(" · ") })), gapList, ...shown(), legend.node, about.node);
    if (!people.places) body.append(el("p", "circle-note", T.old_browser));
    settle();
  }

  // what was chosen elsewhere is seen here
  function choose() {
    body.querySelector("#circle-service").value = String(state.service);
    slider.value = String(state.at);
    body.querySelectorAll(".circle-choices input[type=checkbox]").forEach((input) => { input.checked = state[input.name]; });
  }

  function gaps() {
    const all = data.services[state.service].gaps;
    const ranked = all.map((gap, i) => [gap, said().services[state.service].gaps[i][0]]).filter(([gap]) => gap.rank !== null);
    gapList.replaceChildren(...ranked.slice(0, Math.max(1, MOST_ROWS.gaps - 1 - ofRun.lines())).map(([gap, name]) => {
      const content = fill(T.gap_in_list, { name: name || T.no_name, people: gap.people });
      const item = listed(content, () => { if (state.gaps) { view.backToRun(); gap.open(); } });
      item.value = gap.number;
      return item;
    }));
    if (!ranked.length) gapList.replaceChildren(el("li", "circle-note", noGaps(all)));
    else if ([...gapList.children].some((item, i) => item.value !== i + 1)) gapList.append(el("li", "circle-note", T.numbers_of_all));
  }

  function noGaps([small]) {
    if (data.services[state.service].all) return T.no_gaps_of_all;
    return small ? fill(T.no_gaps_but_small, { people: small.people }) : T.no_gaps;
  }

  function listed(content, open) {
    const item = el("li"), button = el("button", "", content);
    button.type = "button";
    button.addEventListener("click", open);
    item.append(button);
    return item;
  }

  // everything that moves with the slider and the group
  function count() {
    if (!people.places) return;
    const limit = limitWords(state.at), now = people.count(state.service, state.group, state.at);
    at.textContent = limit;
    slider.setAttribute("aria-valuetext", limit);
    numbers.replaceChildren(
      el("strong", "", shareWords(now.share)),
      el("span", "", fill(T.numbers, { people: peopleWords(now.people), uncovered: peopleWords(now.uncovered), kind: said().kind })));
    const order = now.each.map((one, i) => [one.uncovered, i]).filter(([uncovered]) => uncovered >= 0.5).sort((a, b) => b[0] - a[0] || a[1] - b[1]);
    ranking.replaceChildren(...order.slice(0, MOST_ROWS.districts).map(([uncovered, i]) => {
      const content = fill(T.ranked, { name: data.districts[i] ? data.districts[i].name : "", uncovered: words.whole(uncovered), share: shareWords(now.each[i].share) });
      return listed(content, () => data.districts[i].open());
    }));
    if (ofRun.say()) gaps();
    if (!order.length) ranking.replaceChildren(el("li", "circle-note", T.nobody_lacks));
    legend.show();
  }

  function show() {
    shares();
    ofRun.say();
    gaps();
    legend.show();
    count();
  }

  Object.assign(slider, { type: "range", id: "circle-at", min: 1, max: 2 * data.people.main, step: 1, value: state.at });
  slider.addEventListener("input", () => { state.at = Number(slider.value); told.recolour(); });
  const summary = el("summary");
  summary.append(title);
  panel.append(summary, body);
  panel.open = wide();
  frame.append(tongues, panel); // buttons within the title would be buttons within a button
  L.DomEvent.disableClickPropagation(frame);
  frame.addEventListener("click", (event) => event.stopPropagation()); // what is gone by then, as a name that was found, is not known for ours
  L.DomEvent.disableScrollPropagation(frame);
  panel.addEventListener("toggle", () => { if (panel.open && !wide()) told.closeCard(); settle(); }); // a narrow screen has room for one
  window.addEventListener("resize", () => { if (view.card && !wide()) panel.open = false; settle(); });

  // folded on a narrow screen, the panel still says what the colours mean
  function settle() {
    if (!wide() && !panel.open) frame.append(legend.node);
    else if (legend.node.parentNode !== body) body.insertBefore(legend.node, about.node);
  }

  entitle();
  return {
    node: frame,
    speak,
    show,
    count,
    renew: () => legend.show(),
    ofRun,
    choose,
    giveWay: () => { if (!wide()) panel.open = false; },
    unfold: () => { panel.open = wide(); settle(); }, // at once: a card is placed above what the frame takes
    beside: () => (wide() && panel.open ? panel.offsetWidth + 20 : 10), // pixels that it takes on the right
    below: () => (wide() ? 10 : frame.offsetHeight + 60), // and at the bottom, with scale and sources
    leaves: (across) => Math.min(300, across - (across < 500 ? 76 : 108 + (wide() && panel.open ? panel.offsetWidth + 20 : 10))), // for a card
    covers: () => (wide() ? 0 : frame.offsetHeight),
  };
}
