export { Table, type Column } from './Table'
export { usePages } from './usePages'
