// The photos of an album in rows, each as wide as the bubble, whole or nearly so; the way Telegram's apps lay them out.

import { make } from "./bubbles.js";

const ASPECT = { least: 0.6, most: 1.9 }; // what is narrower or wider is cut
const HEIGHT = 1; // of the whole, wanted, in widths of the bubble
const ROW = 3; // photos side by side, at most
const LOW = 0.22; // a row lower than this shows nothing

// tiles: [{element, aspect}], aspect = width / height
export function mosaic(tiles) {
  const shapes = tiles.map(({ aspect }) => Math.min(ASPECT.most, Math.max(ASPECT.least, aspect || 1)));
  let at = 0;
  const strips = rows(shapes).map((count) => {
    const strip = make("div", "strip", ...tiles.slice(at, at + count).map(({ element }) => element));
    strip.style.setProperty("--aspect", sum(shapes.slice(at, at + count)));
    // Shares that add up to less than 1 would leave a gap.
    [...strip.children].forEach((tile, index) => tile.style.setProperty("--share", 10 * shapes[at + index]));
    at += count;
    return strip;
  });
  return make("div", "media mosaic", ...strips);
}

// How many photos each row has: of all ways, the one whose height comes closest to what is wanted.
function rows(shapes) {
  const costs = ways(shapes.length).map((counts) => [cost(counts, shapes), counts]);
  return costs.reduce((best, one) => (one[0] < best[0] ? one : best))[1];
}

function ways(count) {
  if (!count) return [[]];
  return [...Array(Math.min(ROW, count)).keys()].flatMap((less) => ways(count - less - 1).map((rest) => [less + 1, ...rest]));
}

function cost(counts, shapes) {
  let at = 0;
  const heights = counts.map((count) => 1 / sum(shapes.slice(at, (at += count))));
  return Math.abs(sum(heights) - HEIGHT) + heights.filter((height) => height < LOW).length;
}

const sum = (numbers) => numbers.reduce((total, one) => total + one, 0);
