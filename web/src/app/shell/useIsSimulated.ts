import { usePacks } from '@/react'

/** Whether money is only played here, which the page says wherever it may matter. */
export function useIsSimulated(): boolean {
  return usePacks().isSimulated
}
