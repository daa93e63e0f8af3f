"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const canvas = document.getElementById("strips");
  if (!data || !canvas) return;
  const form = document.getElementById("measure"), told = document.getElementById("told");
  const context = canvas.getContext("2d");
  const starts = [0];
  for (const bases of data.cells) starts.push(starts[starts.length - 1] + bases);
  const total = starts[starts.length - 1] || 1;
  const mostNew = Math.max(1, ...data.rows.map((row) => row.newBytes));
  const top = 24, gap = 10;
  let measure = "bytes", chosen = null, box = null;

  const count = (number) => number.toLocaleString("en");
  const rough = (number) => count(Number(number.toPrecision(2)));
  const named = (number, what) => `${count(number)} ${what}${number === 1 ? "" : "s"}`;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // A colour between those of the style sheet, for a share from 0 to 1.
  function ramp() {
    const stops = [0, 1, 2, 3, 4].map((i) => colour(`--r${i}`).match(/\w\w/g).map((hex) => parseInt(hex, 16)));
    return (share) => {
      const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
      const i = Math.min(stops.length - 2, Math.floor(at));
      return `rgb(${stops[i].map((low, c) => Math.round(low + (stops[i + 1][c] - low) * (at - i))).join(" ")})`;
    };
  }

  function layout() {
    const width = canvas.clientWidth, rows = data.rows.length;
    const height = rows <= 24 ? 20 : rows <= 64 ? 14 : rows <= 120 ? 6 : 4;
    const left = height >= 14 ? Math.min(180, Math.round(width * 0.28)) : 0;
    const bars = Math.min(90, Math.round(width * 0.15));
    return { width, height, left, bars, strip: width - left - bars - gap, bottom: top + rows * height };
  }

  function cut(name, room) {
    if (context.measureText(name).width <= room) return name;
    let short = Array.from(name);
    while (short.length && context.measureText(short.join("") + "…").width > room) short.pop();
    return short.join("") + "…";
  }

  function draw() {
    box = layout();
    const scale = window.devicePixelRatio || 1;
    canvas.style.height = `${box.bottom + 2}px`;
    canvas.width = Math.round(box.width * scale);
    canvas.height = Math.round((box.bottom + 2) * scale);
    context.scale(scale, scale);
    context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
    context.textBaseline = "middle";
    const shade = ramp(), none = colour("--none"), ink = colour("--ink"), soft = colour("--soft"), one = colour("--one");
    const [low, high] = data.ends[measure].map(Math.log);
    const x = (bases) => Math.round((box.left + (bases / total) * box.strip) * scale) / scale;
    const inside = box.height >= 6 ? box.height - 1 : box.height;

    context.fillStyle = soft;
    let free = box.left;
    for (const [name, start, length] of data.marks) {
      const from = x(start), to = x(start + length), width = context.measureText(name).width;
      context.fillRect(from, top - 6, 1, 5);
      if (from >= free && width + 6 <= Math.max(to - from, 26) && from + width + 4 < box.left + box.strip) {
        context.fillText(name, from + 4, 10);
        free = from + width + 12;
      }
    }
    context.fillText("new", box.left + box.strip + gap, 10);

    data.rows.forEach((row, number) => {
      const y = top + number * box.height;
      if (box.left) {
        context.fillStyle = ink;
        context.fillText(cut(row.name, box.left - 10), 0, y + box.height / 2);
      }
      context.fillStyle = none;
      context.fillRect(box.left, y, box.strip, inside);
      row[measure].forEach((value, cell) => {
        if (!value) return;
        context.fillStyle = shade((Math.log((data.per[measure] * value) / data.cells[cell]) - low) / (high - low));
        const from = x(starts[cell]), to = x(starts[cell + 1]);
        context.fillRect(from, y, Math.max(1 / scale, to - from), inside);
      });
      context.fillStyle = none;
      context.fillRect(box.left + box.strip + gap, y, box.bars, inside);
      context.fillStyle = one;
      context.fillRect(box.left + box.strip + gap, y, (row.newBytes / mostNew) * box.bars, inside);
    });
    if (chosen) {
      const [number, cell] = chosen, y = top + number * box.height;
      const from = cell < data.cells.length ? x(starts[cell]) : box.left + box.strip + gap;
      const to = cell < data.cells.length ? x(starts[cell + 1]) : box.width;
      context.strokeStyle = ink;
      context.lineWidth = 2;
      context.strokeRect(from - 1, y - 1, Math.max(to - from, 2) + 2, inside + 2);
    }
    document.getElementById("low").textContent = `≤ ${rough(data.ends[measure][0])}`;
    document.getElementById("high").textContent = `≥ ${rough(data.ends[measure][1])}`;
    document.getElementById("unit").textContent = `${measure} per ${count(data.per[measure])} bases`;
  }

  function choose(number, cell) {
    chosen = [number, cell];
    const row = data.rows[number];
    if (cell < data.cells.length) {
      const bytes = named(row.bytes[cell], "byte"), segments = named(row.segments[cell], "segment");
      told.textContent = `${row.name}, ${data.places[cell]}: ${bytes}, ${segments}`;
    } else {
      const bytes = named(row.newBytes, "byte"), segments = named(row.newSegments, "segment");
      told.textContent = `${row.name}, not in the reference: ${bytes}, ${segments}`;
    }
    draw();
  }

  canvas.addEventListener("pointermove", (event) => {
    const number = Math.floor((event.offsetY - top) / box.height);
    if (number < 0 || number >= data.rows.length || event.offsetX < box.left) return;
    const bases = ((event.offsetX - box.left) / box.strip) * total;
    let cell = starts.findLastIndex((start) => start <= bases);
    if (bases >= total) cell = event.offsetX < box.left + box.strip + gap ? data.cells.length - 1 : data.cells.length;
    if (!chosen || chosen[0] !== number || chosen[1] !== cell) choose(number, cell);
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    const [number, cell] = chosen ? [chosen[0] + step[0], chosen[1] + step[1]] : [0, 0];
    choose(Math.min(data.rows.length - 1, Math.max(0, number)), Math.min(data.cells.length, Math.max(0, cell)));
  });
  form.addEventListener("change", () => {
    measure = new FormData(form).get("measure");
    draw();
  });
  form.hidden = false;
  new ResizeObserver(() => { if (canvas.clientWidth !== box?.width) draw(); }).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  draw();
})();
