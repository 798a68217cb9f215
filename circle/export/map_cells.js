// Places as pixels on one canvas: colours change with the slider, shapes only when the map moves.

const CIRCLE_PALETTES = {
  // blue against orange for every kind of sight; on paper light against dark, whatever the printer has
  screen: { near: "#1d5f8a", within: "#6aaed6", beyond: "#f4a261", far: "#b3400f" },
  paper: { near: "#cecece", within: "#a3a3a3", beyond: "#686868", far: "#141414" },
};

const circlePalette = (state) => CIRCLE_PALETTES[state.paper ? "paper" : "screen"];

const circlePart = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);

// of all services together: from none of them within the limit to all of them
function circleCountColours(state, services) {
  const { near, within, beyond, far } = circlePalette(state);
  const stops = [far, beyond, within, near];
  return Array.from({ length: services + 1 }, (_, k) => {
    const at = (k / Math.max(services, 1)) * 3, low = Math.min(2, Math.floor(at));
    const mixed = [0, 1, 2].map((i) => circlePart(stops[low], i) + (at - low) * (circlePart(stops[low + 1], i) - circlePart(stops[low], i)));
    return `#${mixed.map((one) => Math.round(one).toString(16).padStart(2, "0")).join("")}`;
  });
}

function circleCells(map, view, pane) {
  const { people, state } = view;
  const SMALLEST = 3; // pixels: smaller places are taken together
  const POINT = 5; // of places that are points

  const rgba = (hex) => ((235 << 24) | (circlePart(hex, 2) << 16) | (circlePart(hex, 1) << 8) | circlePart(hex, 0)) >>> 0;

  // of one service: the colour of each step
  function stepColours() {
    const { near, within, beyond, far } = circlePalette(state);
    return Uint32Array.from({ length: 256 }, (_, k) =>
      rgba(k <= state.at / 2 ? near : k <= state.at ? within : k <= 2 * state.at && k <= people.last ? beyond : far));
  }

  const Cells = L.Layer.extend({
    onAdd() {
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated", map.getPane(pane));
      this.canvas.setAttribute("role", "img");
      map.on("moveend viewreset resize", this.lay, this);
      map.on("zoomanim", this.animate, this);
      this.lay();
      return this;
    },

    onRemove() {
      map.off("moveend viewreset resize", this.lay, this);
      map.off("zoomanim", this.animate, this);
      this.canvas.remove();
    },

    animate(event) {
      const offset = map._latLngToNewLayerPoint(this.corner, event.zoom, event.center);
      L.DomUtil.setTransform(this.canvas, offset, map.getZoomScale(event.zoom, this.zoom));
    },

    // where each visible place lies on the canvas
    lay() {
      const size = map.getSize(), pixel = Math.min(2, window.devicePixelRatio || 1);
      const corner = map.containerPointToLayerPoint([0, 0]);
      this.corner = map.layerPointToLatLng(corner);
      this.zoom = map.getZoom();
      L.DomUtil.setTransform(this.canvas, corner, 1);
      const width = Math.ceil(size.x * pixel), height = Math.ceil(size.y * pixel);
      Object.assign(this.canvas, { width, height });
      Object.assign(this.canvas.style, { width: `${size.x}px`, height: `${size.y}px` });
      this.image = this.canvas.getContext("2d").createImageData(width, height);
      const world = 256 * 2 ** this.zoom * pixel;
      const origin = map.project(this.corner, this.zoom).multiplyBy(pixel);
      const stretch = Math.cos((map.getCenter().lat * Math.PI) / 180);
      const wide = people.cell ? (people.cell[0] / 360) * world : POINT * pixel;
      const high = people.cell ? (people.cell[1] / 360 / stretch) * world : POINT * pixel;
      this.joined = wide < SMALLEST * pixel;
      if (this.joined) this.bin(origin, world, SMALLEST * pixel);
      else this.frame(origin, world, wide, high);
      this.recolour();
    },

    // near by: every place by itself, [left, top, right, bottom]
    frame(origin, world, wide, high) {
      const { width, height } = this.canvas;
      const row = [], edge = [];
      const slack = people.cell ? (1e-5 / 360) * world : 0; // places are rounded to that: no seam between neighbours
      for (let i = 0; i < people.own; i++) {
        const left = people.x[i] * world - origin.x - wide / 2, top = people.y[i] * world - origin.y - high / 2;
        if (left >= width || top >= height || left + wide <= 0 || top + high <= 0) continue;
        row.push(i);
        edge.push(Math.max(0, Math.round(left)), Math.max(0, Math.round(top)),
          Math.min(width, Math.round(left + wide + slack)), Math.min(height, Math.round(top + high + slack)));
      }
      this.row = Int32Array.from(row);
      this.edge = Int32Array.from(edge);
    },

    // from afar: people of many places in one square
    bin(origin, world, side) {
      const across = Math.ceil(this.canvas.width / side), down = Math.ceil(this.canvas.height / side);
      const row = [], square = [];
      for (let i = 0; i < people.own; i++) {
        const column = Math.floor((people.x[i] * world - origin.x) / side), line = Math.floor((people.y[i] * world - origin.y) / side);
        if (column < 0 || line < 0 || column >= across || line >= down) continue;
        row.push(i);
        square.push(line * across + column);
      }
      this.row = Int32Array.from(row);
      this.square = Int32Array.from(square);
      this.grid = { across, down, side };
    },

    recolour() {
      const pixels = new Uint32Array(this.image.data.buffer);
      pixels.fill(0);
      (this.joined ? this.paintJoined : this.paintEach).call(this, pixels, this.values());
      this.canvas.getContext("2d").putImageData(this.image, 0, 0);
      const { T, said, fill, limitWords } = view.words;
      this.canvas.setAttribute("aria-label", fill(T.picture, { service: said().services[this.service].name, limit: limitWords(state.at) }));
    },

    // of every place its step, or of all services how many it reaches, and the colour of each such number
    values() {
      const many = people.times.length;
      if (this.service < many) return { of: people.timeOf(this.service), colours: stepColours() };
      const of = new Uint8Array(people.places);
      people.times.forEach((time) => { for (let i = 0; i < of.length; i++) of[i] += time[i] <= state.at ? 1 : 0; });
      return { of, colours: Uint32Array.from(circleCountColours(state, many), rgba) };
    },

    paintEach(pixels, { of, colours }) {
      const { row, edge } = this, width = this.canvas.width;
      for (let k = 0; k < row.length; k++) {
        const colour = colours[of[row[k]]], left = edge[4 * k], right = edge[4 * k + 2], bottom = edge[4 * k + 3];
        for (let y = edge[4 * k + 1]; y < bottom; y++) pixels.fill(colour, y * width + left, y * width + right);
      }
    },

    // a square of many places has the colour that most of its people have
    paintJoined(pixels, { of, colours }) {
      const { across, down, side } = this.grid, { row, square } = this, { width, height } = this.canvas;
      const weight = people.people(state.group);
      const kinds = [...new Set(colours)], kind = Uint8Array.from(colours, (colour) => kinds.indexOf(colour)), many = kinds.length;
      const sum = new Float32Array(across * down * many);
      for (let k = 0; k < row.length; k++) sum[square[k] * many + kind[of[row[k]]]] += Math.max(weight[row[k]], 1e-6);
      for (let s = 0; s < across * down; s++) {
        let most = 0, colour = 0;
        for (let c = 0; c < many; c++) if (sum[s * many + c] > most) { most = sum[s * many + c]; colour = kinds[c]; }
        if (!most) continue;
        const left = Math.round((s % across) * side), top = Math.round(Math.floor(s / across) * side);
        const right = Math.min(width, left + side), bottom = Math.min(height, top + side);
        for (let y = top; y < bottom; y++) pixels.fill(colour, y * width + left, y * width + right);
      }
    },
  });

  return {
    layer(service) {
      const made = new Cells();
      made.service = service;
      return made;
    },
  };
}
