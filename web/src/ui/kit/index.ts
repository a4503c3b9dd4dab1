export { Card } from './Card'
export { CATEGORIES, categoryOf, markOf, type Category } from './categories'
export { Choice } from './Choice'
export { Coin } from './Coin'
export { Confirm } from './Confirm'
export { Copyable } from './Copyable'
export { CopyId, shortened } from './CopyId'
export { Credits } from './Credits'
export { Editable } from './Editable'
export { ExportCsv } from './ExportCsv'
export { Form, FormDialog } from './Form'
export { Guarded } from './Guarded'
export { Guilloche } from './Guilloche'
export { Meter } from './Meter'
export { Empty, Failed, Notice } from './Notices'
export { OnDemandMenu, type Opener } from './OnDemandMenu'
export { Page, PageHead } from './PageHead'
export { Secret } from './Secret'
export { Pill, Quiet, type Tone } from './Pill'
export {
  CardSkeleton,
  FieldSkeletons,
  PageSkeleton,
  RowSkeletons,
  StripSkeleton,
} from './Skeletons'
export { Stat, StatStrip } from './Stat'
export { Avatar, Tile } from './Tile'
export { strong } from './strong'
export { Tooltip } from './Tooltip'
export { Walk } from './Walk'
export { WholeNumber } from './WholeNumber'
export { toast, Toasts } from './toast'
export { default as kit } from './kit.module.css'
