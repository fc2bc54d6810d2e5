/** Outlines on a grid of 24, drawn in the colour of the text. */
const PATHS = {
  community: "M4 20v-8l4-3 4 3v8M12 20v-10l4-4 4 4v10M3 20h18",
  home: "M4 11l8-7 8 7v9h-5v-6h-6v6H4z",
  order: "M7 4v16m0 0l-3-3m3 3l3-3M17 20V4m0 0l-3 3m3-3l3 3",
  operator: "M5 6h14M5 12h14M5 18h14M9 4v4M15 10v4M8 16v4",
  audit: "M12 3l7 3v6c0 4-3 7-7 9-4-2-7-5-7-9V6zM9 12l2 2 4-4",
  shield: "M12 3l7 3v6c0 4-3 7-7 9-4-2-7-5-7-9V6z",
  alarm: "M12 3l7 3v6c0 4-3 7-7 9-4-2-7-5-7-9V6zM12 8v5M12 16v.01",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2",
  battery: "M4 8h14v8H4zM18 11h2v2h-2M8 10v4M12 10v4",
  grid: "M12 2L7 22M12 2l5 20M8 10h8M6 16h12M9 6h6",
  transformer: "M8 4v4M16 4v4M5 8h14v10H5zM9 12v2M12 12v2M15 12v2M8 18v3M16 18v3",
  station: "M5 20V5h8v15M4 20h10M13 11h2a2 2 0 012 2v3a1.500 1.500 0 003 0V9l-3-3M10 8l-2 4h3l-2 4",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.8"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
