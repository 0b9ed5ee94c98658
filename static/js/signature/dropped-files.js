// The files of a paste or a drop with their paths, those in dropped folders among them.
const MOST = 200;

export async function collectFiles(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  // Entries have to be taken before the event is over; reading them may take its time.
  const entries = items.map((item) => item.webkitGetAsEntry?.() ?? null);
  const files = items.map((item) => item.getAsFile());
  const found = [];
  for (const [number, entry] of entries.entries()) {
    if (entry) await walk(entry, found);
    else if (files[number]) found.push([files[number], files[number].name]);
  }
  return found;
}

async function walk(entry, found) {
  if (found.length >= MOST) return;
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => { entry.file(resolve, reject); });
    found.push([file, entry.fullPath.slice(1)]);
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const inside = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
    if (!inside.length) return;
    for (const each of inside) await walk(each, found);
  }
}
