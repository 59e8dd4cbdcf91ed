// What Python asks the board to do. Places are in pixels from the top of the page.
const lesson = {
  /** Add a cell at the end, by what is in it; it is the one that is being shown. */
  async add(id, html) {
    for (const last of document.querySelectorAll(".cell.now")) last.classList.remove("now");
    // An element of its own, out of which HTML of a Markdown cell does not get.
    const cell = document.createElement("div");
    cell.id = id;
    cell.className = "cell now";
    cell.innerHTML = html;
    document.querySelector("#cells").append(cell);
    await lesson.settle(cell);
  },

  /** Show what came out of a cell. Its scripts run, as those of a notebook do. */
  async fill(id, count, html) {
    const cell = document.getElementById(id);
    cell.querySelector(".count").textContent = count;
    const outputs = cell.querySelector(".outputs");
    const range = document.createRange();
    range.selectNode(outputs);
    try {
      outputs.replaceChildren(range.createContextualFragment(html));
    } catch (error) {
      console.warn(error);
    }
    await lesson.settle(cell);
    outputs.classList.toggle("cut", outputs.scrollHeight > outputs.clientHeight + 1);
  },

  /** Wait for its pictures and for fonts, but not for ever. */
  async settle(cell) {
    const images = [...cell.querySelectorAll("img")].map((image) => image.decode().catch(() => {}));
    const frames = new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const late = new Promise((done) => setTimeout(done, 3000));
    await Promise.race([Promise.all([...images, document.fonts.ready, frames]), late]);
    // A wide table is made smaller, as far as it can still be read.
    for (const table of cell.querySelectorAll("table")) {
      const room = table.parentElement.clientWidth;
      if (table.offsetWidth > room) table.style.zoom = Math.max(0.6, room / table.offsetWidth);
    }
  },

  /** Top and bottom of a cell. */
  place(id) {
    const box = document.getElementById(id).getBoundingClientRect();
    return [box.top + scrollY, box.bottom + scrollY];
  },

  /** Take away cells that end above `top`; the others stay where they are. */
  forget(top) {
    const cells = document.querySelector("#cells");
    for (const cell of [...cells.children]) {
      const next = cell.nextElementSibling;
      if (next === null || lesson.place(next.id)[0] > top) break;
      const height = lesson.place(next.id)[0] - lesson.place(cell.id)[0];
      cell.remove();
      cells.style.paddingTop = `${parseFloat(getComputedStyle(cells).paddingTop) + height}px`;
    }
  },
};
