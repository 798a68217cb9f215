// The way that a click on gap_map.html draws, and its legs on the card of the place.

function circleWayCard(map, data, view, panel) {
  const { words, people, state } = view;
  const { T, said, fill, el, lengthWords } = words;
  const [head, packed] = data.ways;
  const ways = head && people.places ? circleWays(people, head, packed) : null;
  // a dark line with a light edge is seen on every background, in colour, in grey and by every kind of sight
  const LINE = { color: "#111111", weight: 4, lineCap: "round", lineJoin: "round", interactive: false, className: "circle-way" };
  const EDGE = { ...LINE, color: "#ffffff", weight: 8, opacity: 0.9 };
  const DASH = { weight: 3, dashArray: "1 7" };
  const pane = map.createPane("circle-way");
  pane.style.zIndex = 420; // above the areas, below the labels
  pane.style.pointerEvents = "none";
  const drawn = L.layerGroup([], { pane: "circle-way" });
  const renderer = L.svg({ pane: "circle-way", padding: 0.5 });

  const factor = () => Number(head.circuity);
  const listed = () => data.services.map((service, number) => number).filter((number) => !data.services[number].all);

  function draw(found, number) {
    drawn.clearLayers();
    const own = (points, style) => L.polyline(points, { ...style, renderer, pane: "circle-way" }).addTo(drawn);
    found.legs.forEach(({ points }) => own(points, EDGE));
    found.legs.forEach((leg) => { own(leg.points, leg.kind === "network" ? LINE : { ...LINE, ...DASH }).leg = leg; });
    const ring = { renderer, pane: "circle-way", interactive: false, fill: false };
    L.circleMarker(found.door, { ...ring, radius: 11, color: "#ffffff", weight: 6 }).addTo(drawn);
    L.circleMarker(found.door, { ...ring, radius: 11, color: "#111111", weight: 3 }).addTo(drawn);
    L.circleMarker(found.door, { ...ring, radius: 5, color: "#ffffff", weight: 1.5, fill: true, fillOpacity: 1, fillColor: data.services[number].colour }).addTo(drawn);
    drawn.addTo(map);
  }

  // what each leg takes, each rounded by itself: the very figures of `circle route`
  function legWords(found, cost, straight) {
    const timed = data.metric === "time";
    const lines = timed
      ? { access: T.way_access, network: T.way_network, egress: T.way_egress, direct: T.way_direct, whole: T.way_whole }
      : { access: T.way_counted_access, network: T.way_counted_network, egress: T.way_counted_egress, direct: T.way_counted_direct, whole: T.way_counted_whole };
    const told = found.legs.map((leg) => [leg, fill(lines[leg.kind], { cost: words.costWords(leg.cost), length: lengthWords(Math.round(leg.length)) })]);
    const walked = Math.round(found.legs.reduce((sum, leg) => sum + leg.walked, 0));
    const sum = fill(lines.whole, { cost: words.costWords(cost), walked: lengthWords(walked), straight: lengthWords(straight), factor: factor() });
    return [...told.filter(([leg]) => leg.length >= 0.5 || found.legs.length === 1).map(([, line]) => line), sum];
  }

  // Leaflet takes the card out and puts it in again: whoever is in it by keyboard stays where he is
  function renew(popup, autoPan) {
    const held = document.activeElement;
    popup.options.autoPan = autoPan;
    popup._autopanning = false; // or Leaflet takes the first look, that was stopped, for this one
    popup.update();
    if (popup.getElement().contains(held)) held.focus({ preventScroll: true });
  }

  // above the place, below it or beside it: where the card hides least of the way, and what it hides is on the map
  function settle(popup, found, autoPan) {
    const box = popup.getElement().getBoundingClientRect(), frame = map.getContainer().getBoundingClientRect();
    const at = map.latLngToContainerPoint(popup.getLatLng()), wide = box.width, high = box.height, gap = 22;
    const seen = found.legs.flatMap(({ points }) => points.map((point) => map.latLngToContainerPoint(point)));
    const dense = seen.flatMap((point, i) => (i ? [0, 0.25, 0.5, 0.75].map((t) => seen[i - 1].multiplyBy(1 - t).add(point.multiplyBy(t))) : [point]));
    const right = frame.width - panel.beside(), bottom = frame.height - panel.below();
    const places = [
      { x: 0, y: 0, left: at.x - wide / 2, top: at.y - high },
      { x: 0, y: high + gap, left: at.x - wide / 2, top: at.y + gap },
      { x: wide / 2 + gap, y: high / 2, left: at.x + gap, top: at.y - high / 2 },
      { x: -wide / 2 - gap, y: high / 2, left: at.x - wide - gap, top: at.y - high / 2 },
    ].map((one, order) => {
      const hidden = dense.filter(({ x, y }) => x > one.left - 8 && x < one.left + wide + 8 && y > one.top - 8 && y < one.top + high + (order ? 8 : -14)).length;
      const outside = one.left < 55 || one.top < 10 || one.left + wide > right || one.top + high > bottom;
      return { ...one, order, worth: hidden / dense.length + (outside ? 0.25 : 0) + order / 1000 };
    });
    const best = places.reduce((a, b) => (b.worth < a.worth ? b : a));
    popup.options.offset = [best.x, 7 + best.y];
    popup.getElement().classList.toggle("circle-aside", best.order > 0);
    renew(popup, autoPan);
  }

  // the card of place i gets a button for every way, and the way of the service that is shown
  function tell(marker, i) {
    const keyed = view.byKey, quiet = view.quiet, kept = quiet ? view.way : null, popup = marker.getPopup(), card = popup.getElement().querySelector(".circle-popup");
    const lines = [...card.querySelectorAll("p")];
    popup.options.maxWidth = panel.leaves(map.getSize().x);
    popup.options.maxHeight = Math.max(160, map.getSize().y - panel.below() - 60);
    popup.getElement().addEventListener("keydown", (event) => {
      if (event.key === "Escape") { map.closePopup(popup); container.focus(); }
    });
    marker.once("popupclose", () => drawn.clearLayers());
    if (!ways) {
      if (people.places) card.append(el("div", "circle-note", fill(T.way_left_out, { place: `${people.longitude[i].toFixed(5)},${people.latitude[i].toFixed(5)}` })));
      return;
    }
    if (!quiet) map.stop(); // the map moves for the whole card if it has to, and not before
    const detail = el("div", "circle-legs");
    detail.setAttribute("role", "status");

    function choose(number, found, buttons, line, autoPan) {
      const { cost, straight } = people.answer(number, i);
      draw(found, number);
      view.way = number;
      detail.replaceChildren(...legWords(found, cost, straight).map((text) => el("div", "", text)));
      line.after(detail);
      buttons.forEach(([button, own]) => button.setAttribute("aria-pressed", String(own === number)));
      popup.options.offset = [0, 7];
      renew(popup, false); // as high as it is now
      settle(popup, found, autoPan);
    }

    ways.ready().then(() => {
      if (!popup.isOpen()) return;
      const buttons = [], found = new Map();
      listed().forEach((number, k) => {
        const way = ways.way(number, i);
        if (!way) return;
        found.set(number, way);
        const button = el("button", "circle-way-button");
        button.type = "button";
        button.append(lines[k].textContent);
        button.setAttribute("aria-label", `${lines[k].textContent} · ${fill(T.way_show, { service: said().services[number].name })}`);
        button.title = fill(T.way_show, { service: said().services[number].name });
        button.addEventListener("click", () => choose(number, way, buttons, lines[k], true));
        lines[k].replaceChildren(button);
        buttons.push([button, number]);
      });
      if (!found.size) return;
      // of all services together: the one that takes longest
      const longest = [...found.keys()].reduce((a, b) => (people.answer(b, i).cost > people.answer(a, i).cost ? b : a));
      const chosen = found.has(kept) ? kept : data.services[state.service].all ? longest : state.service;
      if (found.has(chosen)) choose(chosen, found.get(chosen), buttons, lines[listed().indexOf(chosen)], !quiet);
      else renew(popup, !quiet);
      if (keyed) buttons[0][0].focus({ preventScroll: true });
    });
  }

  return { tell, ways };
}
