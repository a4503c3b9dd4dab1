import { Button, Checkbox, Modal } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { Copyable } from './Copyable'
import s from './kit.module.css'
import { says } from './messages'

interface Props {
  /** The secret while it is shown; null closes the dialog. */
  secret: string | null
  title: string
  children: ReactNode
  close: () => void
}

/** A secret, shown this once. It closes when somebody says that it is stored. */
export function Secret({ secret, title, children, close }: Props) {
  const [isStored, setStored] = useState(false)
  // However it is closed, the next secret has to be stored too.
  const leave = () => {
    setStored(false)
    close()
  }
  return (
    <Modal
      opened={secret !== null}
      onClose={() => {
        if (isStored) leave()
      }}
      title={title}
      size={520}
      centered
      withCloseButton={false}
      closeOnClickOutside={false}
    >
      <div className={s.form}>
        <p className={s.said}>{children}</p>
        <Copyable text={secret ?? ''} testId="secret" />
        <Checkbox
          label={says.secret.stored}
          checked={isStored}
          onChange={({ currentTarget }) => setStored(currentTarget.checked)}
        />
        <Button disabled={!isStored} onClick={leave}>
          {says.secret.done}
        </Button>
      </div>
    </Modal>
  )
}
