export { AlertItem } from './AlertItem'
export { alertWords, type AlertWords } from './words'
export { useAcknowledge } from './useAcknowledge'
