/** What the name of a column says of time. */
export type TimeName = "start" | "end" | "time";

const END =
  /(^|_)(end|ends|ended|ende|endzeit|bis|to|until|stop|fin|eind|einde|valid_to|ending|hour_ending|endtime|end_?date|enddate|till|tot)(_|$)/;
const START =
  /(^|_)(start|starts|started|beginn|begin|von|from|since|ab|debut|valid_from|beginning|hour_beginning|starttime|startdate|interval_start|van|vanaf)(_|$)/;
const TIME =
  /(^|_)(timestamp|time|date|datetime|date_?time|unix|unix_time|zeit|zeitstempel|zeitpunkt|datum|uhrzeit|messzeitpunkt|messzeit|tag|day|mtu|heure|horodate|horodatage|tijd|tijdstip|tid|fecha|hora|data|ora|utc|ts|when|period|interval|hour|stunde|localtime|local_?time|jour|delivery)(_|$)/;

/** Whether a normalised name is one of a time, and of which end of the interval; the last of `date_and_end_time` counts. */
export function timeName(name: string): TimeName | null {
  if (END.test(name)) return "end";
  if (START.test(name)) return "start";
  return TIME.test(name) ? "time" : null;
}

/** The zone that a column's written name says. */
export function zoneInName(name: string): string | null {
  if (/(^|[^A-Za-z])(utc|gmt|zulu)([^A-Za-z]|$)/i.test(name.replace(/_/g, " "))) return "UTC";
  if (/\b(CET\s*\/\s*CEST|MEZ\s*\/\s*MESZ)\b/i.test(name)) return "Europe/Berlin";
  return null;
}
