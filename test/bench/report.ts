/** The figures as a table of Markdown, and as a picture. */
import { isMet, median, ratios, valueOf, type Figure, type Limit } from "./figures";

const number = (value: number): string =>
  value.toLocaleString(
    "en-US",
    value < 0.1
      ? { maximumSignificantDigits: 2 }
      : { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 },
  );

const times = (value: number): string => `${number(value)} ×`;

function spread(values: readonly number[]): string {
  return values.length > 1 ? ` (${number(Math.min(...values))}–${number(Math.max(...values))})` : "";
}

function limitWords({ of, most }: Limit, unit: string): string {
  switch (of) {
    case "ratio":
      return `≤ ${most} ×`;
    case "difference":
      return `≤ ${most} ${unit} over the floor`;
    case "own":
      return `≤ ${most} ${unit}`;
  }
}

function verdict(figure: Figure): string {
  const { limit, unit } = figure;
  if (!limit) return "";
  const value = valueOf(figure, limit.of);
  const found = limit.of === "ratio" ? times(value) : `${number(value)} ${unit}`;
  return `${limitWords(limit, unit)}: ${isMet(figure) ? "yes" : "**no**"}, ${found}`;
}

export function table(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { title, floor, unit, own, base } = figure;
    const each = ratios(figure);
    const cells = [
      title,
      `${number(median(own))} ${unit}${spread(own)}`,
      `${number(median(base))} ${unit}${spread(base)}: ${floor}`,
      `${times(median(each))}${spread(each)}`,
      verdict(figure),
      own.length,
    ];
    return `| ${cells.join(" | ")} |`;
  });
  return ["| what | ours | the floor | ratio | limit | samples |", "|---|---|---|---|---|---|", ...rows].join(
    "\n",
  );
}

/** Where the time of some figures goes: what has a share of one percent, or more. */
export function profiles(figures: readonly Figure[]): string {
  const tables = figures.flatMap(({ title, profile = [] }) => {
    const sum = profile.reduce((all, [, ms]) => all + ms, 0);
    const rows = profile
      .map(([part, ms]) => [part, (100 * ms) / sum] as const)
      .filter(([, share]) => share >= 1)
      .map(([part, share]) => `| ${part} | ${share.toFixed(0)} % |`);
    return rows.length > 0 ? [[`| ${title} | of ${number(sum)} ms |`, "|---|---|", ...rows].join("\n")] : [];
  });
  return tables.join("\n\n");
}

const WIDTH = 1100;
const ROW = 34;
const LEFT = 520;
const RIGHT = 150;
const TOP = 64;
const COLORS = { met: "#2e8b57", missed: "#c0392b", none: "#5b7a99" };

/** Ratios on a logarithmic scale: to the left of the line it is faster than the floor. */
export function picture(figures: readonly Figure[]): string {
  // Where the floor is next to nothing, a ratio says nothing.
  const shown = figures.filter(({ base }) => median(base) >= 1);
  const values = shown.map((figure) => median(ratios(figure)));
  const low = Math.log10(Math.min(0.5, ...values));
  const high = Math.log10(Math.max(4, ...values));
  const x = (value: number): number =>
    LEFT + ((Math.log10(value) - low) / (high - low)) * (WIDTH - LEFT - RIGHT);
  const height = TOP + shown.length * ROW + 24;
  const bars = shown.map((figure, index) => {
    const ratio = values[index] ?? NaN;
    const y = TOP + index * ROW;
    const [from, to] = [Math.min(x(1), x(ratio)), Math.max(x(1), x(ratio))];
    const met = isMet(figure);
    const color = COLORS[met === undefined ? "none" : met ? "met" : "missed"];
    return [
      text(LEFT - 12, y + 17, figure.title, 'text-anchor="end"'),
      `<rect x="${from.toFixed(1)}" y="${y + 4}" width="${Math.max(2, to - from).toFixed(1)}" height="18" rx="2" fill="${color}"/>`,
      text(Math.max(to, x(1)) + 8, y + 17, times(ratio), 'font-weight="600"'),
    ].join("\n");
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#ffffff"/>
${text(LEFT - 12, 28, "Time and memory, as a multiple of the floor", 'text-anchor="end" font-weight="600"')}
${legend()}
<line x1="${x(1).toFixed(1)}" y1="${TOP - 8}" x2="${x(1).toFixed(1)}" y2="${height - 16}" stroke="#333333" stroke-dasharray="3 3"/>
${text(x(1), TOP - 12, "1 ×", 'text-anchor="middle"')}
${bars.join("\n")}
</svg>
`;
}

function legend(): string {
  return (
    [
      [COLORS.met, "limit kept"],
      [COLORS.missed, "limit not kept"],
      [COLORS.none, "no limit"],
    ] as const
  )
    .map(
      ([color, words], index) =>
        `<rect x="${LEFT + 20 + index * 140}" y="18" width="12" height="12" fill="${color}"/>${text(LEFT + 38 + index * 140, 28, words)}`,
    )
    .join("\n");
}

function text(x: number, y: number, words: string, attributes = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y}" fill="#222222" ${attributes}>${words}</text>`;
}
