// The layers of gap_map.html. Shapes come as steps of 1e-5 degrees: [lon, lat, dlon, dlat, ...].

const CIRCLE_COLOURS = {
  isochrones: ["#2c7fb0", "#dbeaf2"], // shortest and longest limit
  classes: ["#fbeecb", "#aecdc3", "#78aeb0", "#3f8697", "#12566f"], // share covered, 20 % each
  nobody: "#dddddd",
  gap: "#d55e00",
  rim: "#5c1a00", // of a gap zone: seen on white, on orange and on the darkest of the residents
  border: "#6b6b6b",
  roads: [{ color: "#8d8d8d", weight: 2 }, { color: "#a8a8a8", weight: 1.3 }, { color: "#c4c4c4", weight: 0.8 }],
};

function circleColours(data) {
  function mix(from, to, share) {
    return `rgb(${[0, 1, 2].map((i) => Math.round(circlePart(from, i) + share * (circlePart(to, i) - circlePart(from, i)))).join(",")})`;
  }

  const last = data.people.limits.length - 1;
  const limitColour = (i) => mix(CIRCLE_COLOURS.isochrones[0], CIRCLE_COLOURS.isochrones[1], last ? i / last : 0.4);
  const shareClass = (share) => Math.min(4, Math.floor(share * 5));
  const shareColour = (share) => (share === null ? CIRCLE_COLOURS.nobody : CIRCLE_COLOURS.classes[shareClass(share)]);

  return { limitColour, shareClass, shareColour };
}

function circleLayers(map, data, view, panel, labels) {
  const { words, people, state, home } = view;
  const { T, said, fill, el, peopleWords, shareWords, limitWords, popup } = words;
  const { limitColour, shareColour } = circleColours(data);
  const last = data.people.limits.length - 1;

  function decode(steps) {
    const points = [];
    let lon = 0, lat = 0;
    for (let i = 0; i < steps.length; i += 2) {
      lon += steps[i];
      lat += steps[i + 1];
      points.push([lat / 1e5, lon / 1e5]);
    }
    return points;
  }

  const rings = (polygons) => polygons.map((polygon) => polygon.map(decode));

  function pane(name, order) {
    const made = map.createPane(name);
    made.style.zIndex = order;
    made.style.pointerEvents = "none"; // only the topmost canvas hears the mouse: these must not stand in its way
    return { pane: name, renderer: L.canvas({ pane: name, padding: 0.3 }), interactive: false };
  }

  const water = pane("circle-water", 230);
  const shading = pane("circle-shading", 240);
  const ground = pane("circle-ground", 250);
  pane("circle-cells", 245);
  map.getPane("circle-shading").style.opacity = 0.72;
  const cells = people.places ? circleCells(map, view, "circle-cells") : null;

  function drawBackground() {
    const b = data.background;
    L.polygon(rings(b.sea), { ...water, stroke: false, fill: true, fillColor: "#cfe2ec", fillOpacity: 1 }).addTo(map);
    L.polygon(rings(b.water), { ...water, stroke: false, fill: true, fillColor: "#cfe2ec", fillOpacity: 1 }).addTo(map);
    L.polyline(b.water_lines.map(decode), { ...ground, color: "#9cc4d8", weight: 1.4 }).addTo(map);
    [...b.roads].reverse().forEach((lines, i) =>
      L.polyline(lines.map(decode), { ...ground, ...CIRCLE_COLOURS.roads[b.roads.length - 1 - i] }).addTo(map));
    L.polyline(b.motorway.map(decode), { ...ground, color: "#9a9a9a", weight: 1.8 }).addTo(map);
    L.polyline(b.railway.map(decode), { ...ground, color: "#777777", weight: 1.2, dashArray: "6 4" }).addTo(map);
  }

  const placesLayer = (number) => (cells ? cells.layer(number) : L.layerGroup());

  function isochroneLayer(number) {
    const shapes = data.services[number].isochrones.map((polygons, i) =>
      L.polygon(rings(polygons), { ...shading, stroke: false, fill: true, fillColor: limitColour(last - i), fillOpacity: 1 }));
    const group = L.layerGroup(shapes);
    // areas beyond the slider would say that what is not within it is
    group.recolour = () => shapes.forEach((shape, i) => shape.setStyle({ fillOpacity: panel.ofRun.reached(data.limits[last - i]) ? 1 : 0 }));
    group.recolour();
    return group;
  }

  const counted = (number) => people.count(number, state.group, state.at);

  function choroplethLayer(number) {
    const group = L.layerGroup();
    const shapes = data.districts.map((district) =>
      L.polygon(rings(district.shape), { ...shading, stroke: false, fill: true, fillOpacity: 1 }).addTo(group));
    group.recolour = () => {
      const now = counted(number);
      shapes.forEach((shape, i) => shape.setStyle({ fillColor: shareColour(now ? now.each[i].share : null) }));
    };
    group.recolour();
    return group;
  }

  // what lies under a click: areas only say so, for whoever lives there is asked first
  let under = {};

  // the card that is open: how it is told again, and what of it moves with the slider
  const keep = (card) => { view.card = card; };
  map.on("popupclose", () => keep(null));

  function show(content, at, way) {
    const card = L.popup(beside()).setLatLng(at).setContent(content);
    if (way) card.on("add", () => way.addTo(map)).on("remove", () => way.remove());
    card.openOn(map);
    return card;
  }

  // told again without moving the map; not where what it tells of is no longer shown
  function again(tell, shown = () => true) {
    const service = state.service;
    return () => {
      if (!shown(service)) return;
      view.quiet = true;
      tell();
      view.quiet = false;
    };
  }

  function borderLayer(number) {
    const card = (i) => {
      const { people: everyone, uncovered, share } = counted(number).each[i];
      return popup(`${data.districts[i].name} · ${said().services[number].name}`, [
        fill(T.district_covered, { people: words.whole(everyone), share: shareWords(share), limit: limitWords(state.at) }),
        fill(T.district_uncovered, { people: words.whole(uncovered) }),
      ]);
    };
    return L.layerGroup(data.districts.map((district, i) => {
      const style = { color: CIRCLE_COLOURS.border, weight: 1.2, dashArray: "5 3", fill: true, fillOpacity: 0 };
      const shape = L.polygon(rings(district.shape), style);
      if (people.places) shape.on("click", () => { under.district = district; });
      district.tell = (at) => {
        const told = show(card(i), at);
        const renew = () => { told.options.autoPan = false; told.setContent(card(i)); };
        keep({ again: again(() => district.tell(at)), renew });
      };
      district.open = () => {
        panel.unfold();
        map.fitBounds(shape.getBounds(), { paddingTopLeft: [10, 10], paddingBottomRight: [panel.beside(), panel.below()], maxZoom: 13, animate: false });
        district.tell(district.at);
      };
      return shape;
    }));
  }

  // what a popup must not be hidden by: the buttons of the zoom, and the panel
  const beside = () => {
    const { x } = map.getSize(), narrow = x < 500; // a telephone: over the buttons, or it would not fit beside them
    return { autoPan: !view.quiet, maxWidth: panel.leaves(x), autoPanPaddingTopLeft: [narrow ? 10 : 60, 10], autoPanPaddingBottomRight: [panel.beside(), panel.below()] };
  };
  const bound = (layer, content, options = beside()) => layer.bindPopup(content, options);

  function lookAt(at, least) {
    panel.unfold();
    const zoom = Math.max(map.getZoom(), least);
    const middle = map.project(at, zoom).add([(panel.beside() - 10) / 2, 0]); // of what the panel leaves free
    map.setView(map.unproject(middle, zoom), zoom, { animate: false }); // or the card is placed on a map that is still on its way
  }

  // a place by its name: what a click there tells, or the name alone where nobody lives
  function goTo(at, name) {
    lookAt(at, 14);
    if (!tellPlace({ latlng: L.latLng(at), name })) bound(spot.setLatLng(at).addTo(map), popup(name, [])).openPopup();
    if (!view.card) keep({ again: again(() => bound(spot.addTo(map), popup(name, [])).openPopup()) });
  }

  // there, but neither seen nor clicked while the slider stands where gaps do not hold: thousands are not taken out and put in again
  const Zone = L.Polygon.extend({
    _updatePath() { if (!state.away) L.Polygon.prototype._updatePath.call(this); },
    _containsPoint(...at) { return !state.away && L.Polygon.prototype._containsPoint.apply(this, at); },
  });

  function gapLayer(number) {
    const service = data.services[number];
    const group = L.layerGroup();
    const shapes = []; // that are ranked
    const free = beside(); // asked once: the browser would lay out the page for each badge
    const closeness = () => Math.min(1, (map.getZoom() - home + 1) / 3);
    // seen from afar, a thousand outlines would be all there is to see
    group.fit = () => shapes.forEach((shape) => shape.setStyle({ weight: Math.max(0.2, closeness()), opacity: Math.max(0.3, closeness()) }));
    service.gaps.forEach((gap, i) => {
      const named = () => said().services[number].gaps[i][0]; // in the language of then
      const title = () => (gap.rank === null ? named() : fill(T.gap_title, { rank: gap.number, name: named() || T.no_name }));
      const card = () => popup(title(), said().services[number].gaps[i][1]);
      const kept = (at) => keep({ again: again(() => gap.tell(at), (before) => state.gaps && before === state.service) });
      const style = { color: CIRCLE_COLOURS.rim, weight: 0.2, fillColor: CIRCLE_COLOURS.gap, fillOpacity: (gap.rank === null ? 0.1 : 0.28) * (state.shading === "places" ? 0.5 : 1) };
      const way = gap.nearest && L.polyline([gap.site, gap.nearest], { color: "#333333", weight: 1.5, dashArray: "2 5", interactive: false });
      gap.title = title;
      gap.tell = (at) => { show(card(), at, way); kept(at); };
      const shape = new Zone(rings(gap.shape), style).on("click", () => { under.gap = gap; }).addTo(group);
      if (gap.rank === null) return;
      shapes.push(shape);
      const badge = bound(labels.badge(gap, title(), group), card, { ...free }).on("popupopen", () => kept(gap.site));
      if (way) badge.on("popupopen", () => way.addTo(map)).on("popupclose", () => way.remove());
      gap.open = () => { lookAt(gap.site, 13); badge.addTo(group).openPopup(); };
    });
    group.fit();
    group.repaint = () => {
      if (!shapes.length) return;
      const canvas = map.getRenderer(shapes[0]);
      canvas._redrawBounds = null; // all of it
      canvas._redrawRequest = canvas._redrawRequest || L.Util.requestAnimFrame(canvas._redraw, canvas);
    };
    return group;
  }

  const facilities = circleFacilities(map, data, view, { lookAt, beside, ringed, keep, again });
  function ringed(on) { // whether facilities are drawn as one now: then the legend says so
    if (state.ringed !== on) { state.ringed = on; panel.renew(); }
  }

  const wayCard = circleWayCard(map, data, view, panel);
  const NEAR_PIXELS = 20; // whoever clicks beside the dot of a place means it
  const NAMED_M = 300; // how far from where a place's name stands its people may be
  const spot = L.circleMarker([0, 0], { radius: 7, color: "#111111", weight: 2, fill: false, interactive: false });

  // of the place that is clicked, or is next to it: who lives there, and what they reach
  function tellPlace(event, areas = {}) {
    const scale = 256 * 2 ** map.getZoom(), at = map.project(event.latlng).divideBy(scale);
    const cell = people.cell ? people.cell[0] / 360 : 0;
    const named = event.name ? NAMED_M / (40075017 * Math.cos(event.latlng.lat * Math.PI / 180)) : 0;
    const i = people.places ? people.nearest(at.x, at.y, Math.max(NEAR_PIXELS / scale, 0.75 * cell, named)) : -1;
    spot.remove();
    if (i < 0) return false;
    const groups = said().groups.map((name, group) => fill(T.place_group, { group: name, people: peopleWords(people.people(group)[i]) }));
    const lines = data.services.flatMap((service, number) => (service.all ? [] : placeLines(service, number, i)));
    const place = [people.latitude[i], people.longitude[i]], outside = people.district(i) < 0;
    const card = popup(fill(event.name ? T.place_title_named : T.place_title, { name: event.name, groups: groups.join(" · "), away: words.lengthWords(Math.round(map.distance(event.latlng, place))) }), lines);
    if (outside) card.firstChild.after(el("div", "circle-note", T.place_outside));
    card.firstChild.after(further({ ...areas, district: data.districts[people.district(i)] }, event.latlng));
    bound(spot.setLatLng(place).addTo(map), card);
    spot.once("popupclose", () => spot.remove()).openPopup();
    keep({ again: again(() => tellPlace(event, areas)) });
    wayCard.tell(spot, i);
    return true;
  }

  function placeLines(service, number, i) {
    const name = said().services[number].name, found = people.answer(number, i);
    if (!found) {
      const k = people.times[number][i];
      return [k > people.last ? fill(T.place_beyond, { service: name, limit: limitWords(people.last) }) : fill(T.place_within, { service: name, limit: limitWords(k) })];
    }
    if (found.facility < 0) return [fill(T.place_none, { service: name, reason: said().reasons[found.status] })];
    const told = {
      service: name, cost: words.costWords(found.cost), straight: words.lengthWords(found.straight), leg: words.lengthWords(found.leg),
      facility: service.facilities[found.facility][2] || T.nameless, reason: said().reasons[found.status],
    };
    if (found.leg === found.straight) return [fill(found.status ? T.place_uncovered_direct : T.place_covered_direct, told)]; // straight across
    return [fill(found.status ? T.place_uncovered : T.place_covered, told)];
  }

  // from the card of a place on to those of the gap and the district that it lies in
  function further({ gap, district }, at) {
    const box = el("div", "circle-further");
    [[gap, gap && gap.title()], [district, district && district.name]].filter(([area]) => area && area.tell).forEach(([area, name]) => {
      const button = el("button", "", name);
      button.type = "button";
      button.addEventListener("click", () => area.tell(at));
      box.append(button);
    });
    return box;
  }

  map.on("click", (event) => {
    const { gap, district } = under;
    under = {};
    if (tellPlace(event, { gap })) return;
    const area = gap || district;
    if (area) area.tell(event.latlng);
    else tellNobody(event);
  });

  // neither a place nor an area: said, and how far off the nearest residents are
  function tellNobody(event) {
    const at = map.project(event.latlng).divideBy(256 * 2 ** map.getZoom());
    const i = people.places ? people.nearest(at.x, at.y, 1) : -1;
    if (i < 0) return;
    const away = words.lengthWords(Math.round(map.distance(event.latlng, [people.latitude[i], people.longitude[i]])));
    show(popup(T.place_nobody, [fill(T.place_nobody_away, { away })]), event.latlng);
    keep({ again: again(() => tellNobody(event)) });
  }

  const make = {
    places: placesLayer, isochrones: isochroneLayer, districts: choroplethLayer, borders: borderLayer,
    gaps: gapLayer, facilities: facilities.layer, names: labels.nameLayer,
  };
  return { drawBackground, make, goTo };
}
