import { Button, CopyButton } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import s from './kit.module.css'
import { says } from './messages'

/** Text to be taken elsewhere, whole, with a button that takes it. */
export function Copyable({ text, testId }: { text: string; testId: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <div className={s.secret}>
          <code data-testid={testId}>{text}</code>
          <Button
            size="xs"
            variant="default"
            onClick={copy}
            leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
          >
            {copied ? says.copy.done : says.copy.act}
          </Button>
        </div>
      )}
    </CopyButton>
  )
}
