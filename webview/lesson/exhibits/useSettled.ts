/** A value that follows another once that has rested for a while. */

import { useEffect, useRef, useState } from "preact/hooks";

/** The value once it has rested for a while; at once with `ms` 0. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  const timer = useRef<number>(undefined);
  useEffect(() => {
    clearTimeout(timer.current);
    if (ms === 0) setSettled(value);
    else timer.current = window.setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer.current);
  }, [value, ms]);
  return ms === 0 ? value : settled;
}
