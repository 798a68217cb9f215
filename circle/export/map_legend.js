// The legend of gap_map.html: what the colours mean that are on the map now.

function circleLegend(data, view) {
  const { people, words, state } = view;
  const { T, said, fill, el, limitWords } = words;
  const { limitColour, shareClass } = circleColours(data);
  const { holds, reached } = circleOfRun(data, view);
  const legend = el("div", "circle-legend");

  function key(colour, content, className) {
    const row = el("div", "circle-key");
    const swatch = el("i", className || "");
    swatch.style.background = colour;
    row.append(swatch, el("span", "", content));
    return row;
  }

  function places() {
    if (data.services[state.service].all) {
      const many = people.times.length;
      return circleCountColours(state, many).map((colour, k) => key(colour, fill(T.legend_reached, { count: k, all: many }), "circle-cell"));
    }
    const { near, within, beyond, far } = circlePalette(state);
    const half = limitWords(Math.floor(state.at / 2)), limit = limitWords(state.at), twice = limitWords(2 * state.at);
    const last = 2 * state.at >= people.last; // the slider knows no farther
    const upTo = (colour, content) => key(colour, fill(T.legend_up_to, { limit: content }), "circle-cell");
    return [
      ...(state.at > 1 ? [upTo(near, half)] : []), // nobody is within half a step
      upTo(within, limit),
      ...(state.at < people.last ? [upTo(beyond, last ? limitWords(people.last) : twice)] : []),
      key(far, T.legend_far, "circle-cell"),
    ];
  }

  function districts() {
    const now = people.count(state.service, state.group, state.at).each.map((one) => one.share);
    const lived = now.filter((share) => share !== null);
    const rows = CIRCLE_COLOURS.classes.map((colour, i) => {
      const count = lived.filter((share) => shareClass(share) === i).length;
      return key(colour, fill(T.legend_share, { low: i * 20, high: i * 20 + 20, count }), "circle-area");
    });
    if (lived.length < now.length) rows.push(key(CIRCLE_COLOURS.nobody, fill(T.legend_nobody, { count: now.length - lived.length }), "circle-area"));
    return rows;
  }

  function show() {
    const rows = [];
    if (state.shading === "places") rows.push(...places());
    if (state.shading === "isochrones" && data.services[state.service].all) rows.push(el("p", "circle-note", T.no_areas_of_all));
    else if (state.shading === "isochrones") rows.push(...said().limits.flatMap((limit, i) => (reached(data.limits[i]) ? [key(limitColour(i), limit, "circle-area")] : [])));
    if (state.shading === "districts") rows.push(...districts());
    const gaps = state.gaps && holds() ? data.services[state.service].gaps : [];
    if (gaps.some((gap) => gap.rank !== null)) rows.push(key("", fill(T.legend_gaps, { limit: said().main }), "circle-gap"));
    if (gaps.some((gap) => gap.rank === null)) rows.push(key("", T.legend_small_gaps, "circle-gap circle-small-gap"));
    if (data.districts.length) rows.push(key("none", T.legend_border, "circle-border"));
    if (state.facilities) {
      data.services.forEach((service, i) => {
        if ((i === state.service || data.services[state.service].all) && service.facilities.length)
          rows.push(key(service.colour, `${said().services[i].name} · ${words.number(service.facilities.length)}`, "circle-dot"));
      });
      if (state.ringed) {
        const ring = key("", data.services[state.service].all ? T.legend_rings_of_all : T.legend_rings, "circle-together");
        ring.firstChild.textContent = "2";
        rows.push(ring);
      }
    }
    legend.replaceChildren(...rows);
  }

  return { node: legend, show };
}
