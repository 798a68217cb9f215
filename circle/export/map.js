// Draws the layers, the panel and the legend of gap_map.html from the data in the page.
// Text from data only ever becomes textContent. Shapes come as steps of 1e-5 degrees: [lon, lat, dlon, dlat, ...].
"use strict";

function circleMap(map, data) {
  const T = data.text;
  const ISOCHRONES = ["#2c7fb0", "#dbeaf2"]; // shortest and longest limit
  const CLASSES = ["#f4ead5", "#d3dfcf", "#9fc6c1", "#5c9ca6", "#1f6a80"]; // share covered, 20 % each
  const NOBODY = "#dddddd";
  const GAP = "#d55e00";
  const DOT = "#a63603";
  const ROADS = [{ color: "#8d8d8d", weight: 2 }, { color: "#a8a8a8", weight: 1.3 }, { color: "#c4c4c4", weight: 0.8 }];
  // who gives way when labels meet: the first gaps to none, then districts, cities and towns, other gaps, other places
  const FIRST = 10, DISTRICTS = 1000, PLACES = 2000, BADGES = 2001.5;
  const state = { service: data.shown, shading: "isochrones", gaps: true, people: true, facilities: true, names: true };
  if (!data.services[state.service].isochrones.some((shapes) => shapes.length)) state.shading = "districts";
  const drawn = {};
  const labels = [];
  let home = 0; // the zoom at which the whole region is seen

  const plural = new Intl.PluralRules(data.lang);
  const number = (value) => Number(value).toLocaleString(data.lang);
  const said = (value) => (typeof value === "number" ? number(value) : value);
  // a place is {name}, or {name:one|several} for the form that stands with its number
  const fill = (template, values) => template.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name, forms) =>
    forms === undefined ? said(values[name]) : forms.split("|")[data.plural.indexOf(plural.select(values[name]))]);
  const percent = (share) => (share === null ? "–" : number((share * 100).toFixed(1)) + "%");

  const wide = () => window.innerWidth >= 700; // narrower, the panel would hide the map

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

  // --- shapes -------------------------------------------------------------------------------------------------------
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
  const dots = pane("circle-dots", 410);
  map.getPane("circle-shading").style.opacity = 0.72;

  function drawBackground() {
    const b = data.background;
    L.polygon(rings(b.water), { ...water, stroke: false, fill: true, fillColor: "#cfe2ec", fillOpacity: 1 }).addTo(map);
    L.polyline(b.water_lines.map(decode), { ...ground, color: "#9cc4d8", weight: 1.4 }).addTo(map);
    [...b.roads].reverse().forEach((lines, i) =>
      L.polyline(lines.map(decode), { ...ground, ...ROADS[b.roads.length - 1 - i] }).addTo(map));
    L.polyline(b.motorway.map(decode), { ...ground, color: "#9a9a9a", weight: 1.8 }).addTo(map);
    L.polyline(b.railway.map(decode), { ...ground, color: "#777777", weight: 1.2, dashArray: "6 4" }).addTo(map);
  }

  // --- colours ------------------------------------------------------------------------------------------------------
  function mix(from, to, share) {
    const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
    const mixed = [0, 1, 2].map((i) => Math.round(part(from, i) + share * (part(to, i) - part(from, i))));
    return `rgb(${mixed.join(",")})`;
  }

  const last = data.limits.length - 1;
  const limitColour = (i) => mix(ISOCHRONES[0], ISOCHRONES[1], last ? i / last : 0.4);
  const shareClass = (share) => Math.min(4, Math.floor(share * 5));
  const shareColour = (share) => (share === null ? NOBODY : CLASSES[shareClass(share)]);

  // --- layers of the chosen service -----------------------------------------------------------------------------------
  function isochroneLayer(service) {
    return L.layerGroup(service.isochrones.map((polygons, i) =>
      L.polygon(rings(polygons), { ...shading, stroke: false, fill: true, fillColor: limitColour(last - i), fillOpacity: 1 })));
  }

  function choroplethLayer(service) {
    return L.layerGroup(data.districts.map((district, i) => {
      const colour = shareColour(service.districts[i][2]);
      return L.polygon(rings(district.shape), { ...shading, stroke: false, fill: true, fillColor: colour, fillOpacity: 1 });
    }));
  }

  function districtLayer(service) {
    return L.layerGroup(data.districts.map((district, i) => {
      const [people, uncovered, share] = service.districts[i];
      const lines = [
        fill(T.district_covered, { people, share: percent(share), limit: data.main }),
        fill(T.district_uncovered, { people: uncovered }),
      ];
      const style = { color: "#6b6b6b", weight: 1.2, dashArray: "5 3", fill: true, fillOpacity: 0 };
      return bound(L.polygon(rings(district.shape), style), popup(`${district.name} · ${service.name}`, lines));
    }));
  }

  // what a popup must not be hidden by: the buttons of the zoom, and the panel
  const beside = () => (wide() && panel.open ? panel.offsetWidth + 20 : 10);
  const below = () => (wide() ? 10 : panel.firstChild.offsetHeight + 60);
  const bound = (layer, content) => layer.bindPopup(content, { autoPanPaddingTopLeft: [60, 10], autoPanPaddingBottomRight: [beside(), below()] });

  function gapLayer(service) {
    const group = L.layerGroup();
    const shapes = [];
    // seen from afar, a thousand outlines would be all there is to see
    group.fit = () => shapes.forEach((shape) => shape.setStyle({ weight: Math.max(0.2, Math.min(1, (map.getZoom() - home + 1) / 3)) }));
    service.gaps.forEach((gap) => {
      const title = gap.rank === null ? gap.name : fill(T.gap_title, { rank: gap.rank, name: gap.name || T.no_name });
      const style = { color: GAP, weight: 0.2, fillColor: GAP, fillOpacity: gap.rank === null ? 0.1 : 0.28 };
      const shape = bound(L.polygon(rings(gap.shape), style), popup(title, gap.lines)).addTo(group);
      if (gap.rank === null) return;
      shapes.push(shape);
      const badge = L.marker(gap.site, { icon: icon("circle-badge", String(gap.rank)), title, keyboard: true, riseOnHover: true });
      bound(badge, popup(title, gap.lines)).addTo(group);
      const way = gap.nearest && L.polyline([gap.site, gap.nearest], { color: "#333333", weight: 1.5, dashArray: "2 5", interactive: false });
      [shape, badge].forEach((layer) => way && layer.on("popupopen", () => way.addTo(group)).on("popupclose", () => way.removeFrom(group)));
      gap.open = () => {
        panel.open = wide();
        const zoom = Math.max(map.getZoom(), 13);
        const middle = map.project(gap.site, zoom).add([(beside() - 10) / 2, 0]); // of what the panel leaves free
        map.setView(map.unproject(middle, zoom), zoom);
        badge.openPopup();
      };
      const first = gap.rank <= FIRST;
      labels.push({ marker: badge, order: first ? gap.rank : BADGES + gap.rank, zoom: 0, clear: first ? 1 : 14 });
    });
    group.fit();
    return group;
  }

  function peopleLayer(service) {
    const most = Math.max(1, ...service.uncovered);
    const group = L.layerGroup();
    const sized = [];
    data.cells.forEach(([lon, lat], i) => {
      const people = service.uncovered[i];
      if (people <= 0) return;
      const dot = L.circleMarker([lat, lon], { ...dots, radius: 1, stroke: false, fill: true, fillColor: DOT, fillOpacity: 0.55 });
      sized.push([dot.addTo(group), Math.sqrt(people / most)]);
    });
    // neighbours may touch but not pile up: seen from afar they are small, or the whole land would be one blot
    group.fit = () => {
      const step = map.project([0, data.cell], map.getZoom()).x - map.project([0, 0], map.getZoom()).x;
      const largest = Math.max(2.5, Math.min(7, 1.2 * step));
      sized.forEach(([dot, size]) => dot.setRadius(Math.max(0.5, largest * size)));
    };
    group.fit();
    return group;
  }

  function facilityLayer() {
    const shown = data.services[state.service].facilities.length ? [data.services[state.service]] : data.services;
    const group = L.layerGroup();
    shown.forEach((service) => service.facilities.forEach(([lon, lat, name, people]) => {
      const style = { radius: 5, color: "#ffffff", weight: 1.5, fillColor: service.colour, fillOpacity: 1 };
      const line = fill(T.facility_people, { people, limit: data.main });
      bound(L.circleMarker([lat, lon], style), popup(name || T.no_name, [service.name, line])).addTo(group);
    }));
    return group;
  }

  // --- names, without overlaps ------------------------------------------------------------------------------------------
  function icon(className, content) {
    return L.divIcon({ className, html: el("span", "", content), iconSize: null });
  }

  function nameLayer() {
    const group = L.layerGroup();
    const add = (at, name, className, order, zoom) => {
      if (!name) return;
      const marker = L.marker(at, { icon: icon(className, name), interactive: false, keyboard: false });
      labels.push({ marker: marker.addTo(group), order, zoom, clear: 1 });
    };
    data.districts.forEach((d) => add(d.at, d.name, "circle-label circle-district", DISTRICTS, 0));
    data.places.forEach(([lon, lat, name, rank]) => add([lat, lon], name, "circle-label", PLACES + rank, Math.max(0, rank - 1)));
    return group;
  }

  function declutter() {
    const near = map.getZoom() - home;
    const taken = [], named = new Set();
    const seen = labels.filter((label) => label.marker.getElement()).sort((a, b) => a.order - b.order);
    const nodes = seen.map((label) => label.marker.getElement());
    nodes.forEach((node) => { node.style.display = ""; });
    // all are measured before any is hidden, or the browser would lay out the page once for each
    const sizes = nodes.map((node) => [node.firstChild.offsetWidth / 2, node.firstChild.offsetHeight / 2]);
    seen.forEach((label, i) => {
      const at = map.latLngToLayerPoint(label.marker.getLatLng()); // not where an animation has brought it by now
      const x = sizes[i][0] + label.clear, y = sizes[i][1] + label.clear;
      const box = { left: at.x - x, right: at.x + x, top: at.y - y, bottom: at.y + y };
      const name = nodes[i].textContent; // a town is not named again beside its district
      const hidden = (label.zoom > 0 && near < label.zoom / 2) || named.has(name) ||
        taken.some((t) => box.left < t.right && box.right > t.left && box.top < t.bottom && box.bottom > t.top);
      if (hidden) { nodes[i].style.display = "none"; return; }
      taken.push(box);
      named.add(name);
    });
  }

  // --- draw what is chosen ------------------------------------------------------------------------------------------------
  function draw() {
    const service = data.services[state.service];
    Object.values(drawn).forEach((layer) => layer.remove());
    labels.length = 0;
    map.closePopup();
    const make = {
      isochrones: () => isochroneLayer(service), choropleth: () => choroplethLayer(service), districts: () => districtLayer(service),
      people: () => peopleLayer(service), gaps: () => gapLayer(service), facilities: facilityLayer, names: nameLayer,
    };
    const wanted = { ...state, isochrones: state.shading === "isochrones", choropleth: state.shading === "districts", districts: true };
    Object.keys(make).forEach((name) => { if (wanted[name]) drawn[name] = make[name]().addTo(map); });
    declutter();
    showService(service);
    showLegend(service);
    showGaps(service);
  }

  // --- the panel ------------------------------------------------------------------------------------------------------------
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

  function buildPanel() {
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
    map.getContainer().append(panel);
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
      CLASSES.forEach((colour, i) => {
        const count = lived.filter((share) => shareClass(share) === i).length;
        rows.push(key(colour, fill(T.legend_share, { low: i * 20, high: i * 20 + 20, count }), "circle-area"));
      });
      if (lived.length < shares.length) rows.push(key(NOBODY, fill(T.legend_nobody, { count: shares.length - lived.length }), "circle-area"));
    }
    if (state.gaps) rows.push(key(GAP, T.layer_gaps, "circle-gap"));
    if (state.people) {
      const people = service.uncovered.reduce((sum, value) => sum + value, 0);
      rows.push(key(DOT, fill(T.legend_people, { people: Math.round(people) }), "circle-dot"));
    }
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

  document.documentElement.lang = data.lang;
  map.attributionControl.setPrefix("Leaflet");
  L.control.scale({ imperial: false }).addTo(map);
  if (data.attribution) map.attributionControl.addAttribution(data.attribution);
  buildPanel();
  // on a narrow screen the panel lies below: scale and sources stand on top of its title
  map.getContainer().style.setProperty("--circle-title", `${panel.firstChild.offsetHeight + 22}px`);
  map.fitBounds(data.bounds, { paddingTopLeft: [10, 10], paddingBottomRight: [beside(), below()], animate: false });
  home = map.getZoom();
  drawBackground();
  map.on("zoomend", () => {
    Object.values(drawn).forEach((layer) => layer.fit && layer.fit());
    declutter();
  });
  draw();
  map.getContainer().dataset.ready = "true";
}
