import { ActionIcon, Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { says } from './messages'
import { Tooltip } from './Tooltip'

interface Props {
  href: string
  /** What of a page it is; without it, it is all of the page, and the button says so in words. */
  of?: string
}

/** What is shown, all rows of it, as a file for spreadsheets. */
export function ExportCsv({ href, of }: Props) {
  const icon = <IconDownload size={16} stroke={1.8} />
  if (of === undefined) {
    return (
      <Button component="a" href={href} download variant="default" leftSection={icon}>
        {says.csv.all}
      </Button>
    )
  }
  return (
    <Tooltip label={says.csv.of(of)}>
      <ActionIcon component="a" href={href} download aria-label={says.csv.of(of)}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}
