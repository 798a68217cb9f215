// gap_map.html: what is chosen is drawn, from the data in the page, by the functions of the files beside this one.
"use strict";

const CLOSEST = 19; // a pixel is some 0.3 m: finer than what the data know

async function circleMap(map, data, packed) {
  const people = await circlePeople(data.people, packed, data.districts.length);
  const state = {
    lang: data.lang, service: data.shown, group: 0, at: data.people.main, paper: false,
    shading: "places", gaps: true, facilities: true, names: true, tiles: true, relief: true,
  };
  if (!people.places) state.shading = "isochrones"; // an old browser, or nobody lives there
  const drawn = {};
  const words = circleWords(data, state);
  const view = { people, words, state, home: 0 };
  const search = circleSearch(data, view);
  const panel = circlePanel(data, view, { draw, recolour, speak, search, closeCard: () => map.closePopup() });

  map.setMaxZoom(CLOSEST);
  map.on("popupopen", panel.giveWay);
  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPosition("bottomleft"); // the panel may be as high as the screen
  map.getContainer().prepend(panel.node); // ahead of the labels, for whoever comes by keyboard
  panel.speak(); // as high as it is, before the map is fitted beside it
  view.lookAtAll = () => map.fitBounds(data.bounds, { paddingTopLeft: [10, 10], paddingBottomRight: [panel.beside(), panel.below()], animate: false });
  view.lookAtAll();
  view.home = map.getZoom(); // at which the whole region is seen
  const labels = circleLabels(map, data, view);
  const access = circleAccess(map, view, panel);
  const layers = circleLayers(map, data, view, panel, labels);
  view.goTo = layers.goTo;
  labels.avoid(() => (drawn.facilities ? drawn.facilities.boxes() : []));
  // as if the reader had chosen it in the panel
  view.ask = (wanted) => { Object.assign(state, wanted); panel.choose(); draw(); };
  view.backToRun = () => { if (state.at !== data.people.main) { state.at = data.people.main; panel.choose(); recolour(); } };
  const tiles = circleTiles(map, data, view);
  const relief = circleRelief(map, data, state);
  let source = "";

  // everything that depends on the service, the shading or the language
  function draw() {
    const card = view.card;
    Object.entries(drawn).forEach(([name, layer]) => { layer.remove(); delete drawn[name]; });
    labels.forget();
    map.closePopup();
    settleGaps();
    tiles.show();
    relief.show();
    const wanted = { ...state, [state.shading]: true, borders: true };
    Object.entries(layers.make).forEach(([name, make]) => { if (wanted[name]) drawn[name] = make(state.service).addTo(map); });
    labels.declutter();
    panel.show();
    if (card) card.again(); // what was being read stays, in the words and figures of now
  }

  // gap zones are of the limit that was asked for: over people served within another they would say what is not so
  function settleGaps() {
    const away = !panel.ofRun.holds();
    if (Boolean(state.away) === away) return;
    state.away = away;
    map.getContainer().classList.toggle("circle-away", away);
    if (drawn.gaps) drawn.gaps.repaint();
    labels.declutter();
  }

  // what moves with the slider and the group
  function recolour() {
    Object.values(drawn).forEach((layer) => layer.recolour && layer.recolour());
    settleGaps();
    if (view.card && view.card.renew) view.card.renew();
    panel.count();
  }

  function speak() {
    document.documentElement.lang = words.said().tag;
    document.title = words.said().title;
    map.attributionControl.setPrefix("Leaflet").removeAttribution(source);
    source = words.said().attribution;
    if (source) map.attributionControl.addAttribution(source);
    panel.speak();
    access.speak();
    draw();
  }

  layers.drawBackground();
  map.on("zoomend", () => {
    Object.values(drawn).forEach((layer) => layer.fit && layer.fit());
  });
  map.on("moveend", labels.declutter); // comes after zoomend too
  speak();
  map.getContainer().dataset.ready = "true";
}
