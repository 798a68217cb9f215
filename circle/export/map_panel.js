// The panel of gap_map.html: the answer, what is shown, the legend, the first gaps.

function circlePanel(data, state, words, draw) {
  const { T, number, fill, el } = words;
  const { limitColour, shareClass } = circleColours(data);
  const wide = () => window.innerWidth >= 700; // narrower, the panel would hide the map
  const panel = el("details", "circle-panel");
  const table = el("table", "circle-shares");
  const legend = el("div", "circle-legend");
  const gapList = el("ol", "circle-gaps");

  function choice(kind, group, value, content, chosen, change) {
    const label = el("label", "circle-choice");
    const input = el("input");
    Object.assign(input, { type: kind, name: group, value, checked: chosen });
    input.addEventListener("change", () => { change(input.checked); draw(); });
    label.append(input, el("span", "", content));
    return label;
  }

  function together(choices) {
    const box = el("div", "circle-choices");
    box.append(...choices);
    return box;
  }

  function heading(content) { return el("h2", "", content); }

  function build() {
    const select = el("select");
    select.id = "circle-service";
    data.services.forEach((service, i) => select.append(new Option(service.name, String(i), false, i === state.service)));
    select.addEventListener("change", () => { state.service = Number(select.value); draw(); });
    const label = el("label", "circle-select", T.service);
    label.append(select);
    const shades = [["isochrones", T.shade_isochrones], ["districts", T.shade_districts], ["none", T.shade_none]]
      .filter(([value]) => value !== "districts" || data.districts.length)
      .map(([value, content]) => choice("radio", "circle-shading", value, content, state.shading === value, () => { state.shading = value; }));
    const layers = [["gaps", T.layer_gaps], ["people", T.layer_people], ["facilities", T.layer_facilities], ["names", T.layer_names]]
      .map(([value, content]) => choice("checkbox", value, value, content, state[value], (on) => { state[value] = on; }));
    const summary = el("summary");
    summary.append(el("h1", "", data.title));
    const body = el("div", "circle-body");
    body.append(el("p", "circle-answer", data.sentence), label, table, heading(T.largest_gaps), gapList,
      heading(T.shading), together(shades), heading(T.layers), together(layers), legend, el("p", "circle-note", data.notes));
    panel.append(summary, body);
    panel.open = wide();
    L.DomEvent.disableClickPropagation(panel);
    L.DomEvent.disableScrollPropagation(panel);
  }

  function showService(service) {
    const head = el("tr");
    head.append(...[T.within, T.on_foot, T.straight].map((content) => el("th", "", content)));
    table.replaceChildren(head, ...data.limits.map((limit, i) => {
      const row = el("tr");
      row.append(el("td", "", limit), el("td", "circle-share", service.shares[i][0]), el("td", "", service.shares[i][1]));
      return row;
    }));
  }

  function key(colour, content, className) {
    const row = el("div", "circle-key");
    const swatch = el("i", className || "");
    swatch.style.background = colour;
    row.append(swatch, el("span", "", content));
    return row;
  }

  function showLegend(service) {
    const rows = [];
    if (state.shading === "isochrones") rows.push(...data.limits.map((limit, i) => key(limitColour(i), limit, "circle-area")));
    if (state.shading === "districts") {
      const shares = service.districts.map((numbers) => numbers[2]);
      const lived = shares.filter((share) => share !== null);
      CIRCLE_COLOURS.classes.forEach((colour, i) => {
        const count = lived.filter((share) => shareClass(share) === i).length;
        rows.push(key(colour, fill(T.legend_share, { low: i * 20, high: i * 20 + 20, count }), "circle-area"));
      });
      if (lived.length < shares.length) rows.push(key(CIRCLE_COLOURS.nobody, fill(T.legend_nobody, { count: shares.length - lived.length }), "circle-area"));
    }
    if (state.gaps) rows.push(key(CIRCLE_COLOURS.gap, T.layer_gaps, "circle-gap"));
    if (state.people) {
      const people = service.uncovered.reduce((sum, value) => sum + value, 0);
      rows.push(key(CIRCLE_COLOURS.dot, fill(T.legend_people, { people: Math.round(people), kind: data.kind }), "circle-dot"));
    }
    if (data.districts.length) rows.push(key("none", T.legend_border, "circle-border"));
    if (state.facilities) {
      const shown = service.facilities.length ? [service] : data.services;
      shown.filter((one) => one.facilities.length).forEach((one) =>
        rows.push(key(one.colour, `${one.name} · ${number(one.facilities.length)}`, "circle-dot")));
    }
    legend.replaceChildren(...rows);
  }

  function showGaps(service) {
    const ranked = service.gaps.filter((gap) => gap.rank !== null).slice(0, 5);
    gapList.replaceChildren(...ranked.map((gap) => {
      const item = el("li");
      const button = el("button", "", fill(T.gap_in_list, { name: gap.name || T.no_name, people: gap.people }));
      button.type = "button";
      button.addEventListener("click", () => gap.open && state.gaps && gap.open());
      item.append(button);
      return item;
    }));
    if (!ranked.length) gapList.replaceChildren(el("p", "circle-note", T.no_gaps));
  }

  function show(service) {
    showService(service);
    showLegend(service);
    showGaps(service);
  }

  build();
  return {
    node: panel,
    show,
    unfold: () => { panel.open = wide(); },
    beside: () => (wide() && panel.open ? panel.offsetWidth + 20 : 10), // pixels that it takes on the right
    below: () => (wide() ? 10 : panel.firstChild.offsetHeight + 60), // and at the bottom
  };
}
