import { type RefObject, useEffect, useRef, useState } from "react";

/** The width of an element in pixels as it changes; `initial` before it is on the page. */
export function useWidth<Element extends HTMLElement>(
  initial: number,
): { ref: RefObject<Element | null>; width: number } {
  const ref = useRef<Element>(null);
  const [width, setWidth] = useState(initial);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const resize = new ResizeObserver(() => setWidth(element.clientWidth));
    resize.observe(element);
    return () => resize.disconnect();
  }, []);
  return { ref, width };
}
