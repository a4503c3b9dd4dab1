import { ActionIcon } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { Tooltip } from '@/ui/kit'
import { usePeriod, type Part } from './usePeriod'
import { WORDS } from './words'

/** What a card shows, all rows of it, as a file for spreadsheets. */
export function Csv({ of, what }: { of: Part; what: string }) {
  const { csvUrl } = usePeriod()
  const label = WORDS.asCsv(what)
  return (
    <Tooltip label={label}>
      <ActionIcon component="a" href={csvUrl(of)} download aria-label={label}>
        <IconDownload size={16} stroke={1.8} />
      </ActionIcon>
    </Tooltip>
  )
}
