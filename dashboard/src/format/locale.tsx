import { createContext, type ReactNode, useContext, useMemo } from "react";
import { useSessionState } from "../api/session.ts";
import { createFormats, type Formats } from "./formats.ts";

const FormatsContext = createContext<Formats>(createFormats({ timeZone: "UTC", currency: "EUR" }));

/** Gives all pages the area's zone and currency. */
export function FormatsProvider({ children }: { children: ReactNode }) {
  const { data } = useSessionState();
  const { timeZone = "UTC", currency = "EUR" } = data ?? {};
  const formats = useMemo(() => createFormats({ timeZone, currency }), [timeZone, currency]);
  return <FormatsContext value={formats}>{children}</FormatsContext>;
}

export function useFormats(): Formats {
  return useContext(FormatsContext);
}
