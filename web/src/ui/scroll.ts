import { createContext, useContext, type RefObject } from 'react'

/** The element that a page scrolls in, for lists that are as long as they like. */
export const ScrollContext = createContext<RefObject<HTMLDivElement | null>>({ current: null })

export const useScroller = () => useContext(ScrollContext)
