import { Button, CopyButton, Modal, Select, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconCheck, IconCopy, IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '@/api/problem'
import type { Member } from '@/api/types'
import { useKhata } from '@/react'
import { kit, Notice } from '@/ui/kit'
import s from '../team.module.css'
import { ROLES } from './roles'

/** Invites somebody by e-mail. The link is shown once, to be sent by hand where no mail goes out. */
export function Invite() {
  const [isOpen, { open, close }] = useDisclosure(false)
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconPlus size={15} stroke={2.2} />}
        onClick={open}
      >
        Invite
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title="Invite a member"
        size={480}
        centered
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Fields close={close} />
      </Modal>
    </>
  )
}

function Fields({ close }: { close: () => void }) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Member['role']>('member')
  const invite = useMutation({
    mutationFn: async () => {
      const { data } = await khata.api.POST('/v1/invitations', { body: { email, name, role } })
      return data
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['get', '/v1/invitations'] }),
  })
  const problem = invite.error instanceof Problem ? invite.error : null
  const errors = problem?.errors ?? {}
  if (invite.data) {
    const link = new URL(invite.data.link, location.origin).href
    return (
      <div className={s.link}>
        <p className={kit.said}>
          {email} is invited. Send this link to them; it is shown this once.
        </p>
        <CopyButton value={link}>
          {({ copied, copy }) => (
            <div className={kit.secret}>
              <code data-testid="invitation-link">{link}</code>
              <Button
                size="xs"
                variant="default"
                onClick={copy}
                leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              >
                {copied ? 'Copied' : 'Copy'}
              </Button>
            </div>
          )}
        </CopyButton>
        <Button onClick={close}>Done</Button>
      </div>
    )
  }
  return (
    <form
      className={kit.form}
      onSubmit={(event) => {
        event.preventDefault()
        invite.mutate()
      }}
    >
      {problem && Object.keys(errors).length === 0 && (
        <Notice tone="bad" title="Nobody was invited.">
          <p>{problem.detail}</p>
        </Notice>
      )}
      <TextInput
        label="E-mail"
        type="email"
        value={email}
        onChange={({ currentTarget }) => setEmail(currentTarget.value)}
        error={errors['email']}
      />
      <TextInput
        label="Name"
        value={name}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
        error={errors['name']}
      />
      <Select
        label="Role"
        data={ROLES}
        value={role}
        onChange={(chosen) => setRole((chosen ?? 'member') as Member['role'])}
        allowDeselect={false}
        error={errors['role']}
      />
      <div className={kit.formActions}>
        <Button type="submit" loading={invite.isPending} disabled={!email || !name}>
          Invite member
        </Button>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
