import { Tooltip } from '@mantine/core'

/** The words themselves, beside what they are about. */
export default Tooltip
