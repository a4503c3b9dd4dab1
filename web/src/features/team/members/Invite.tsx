import { Button, Select, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Member } from '@/api/types'
import { useKhata } from '@/react'
import { Copyable, Form, FormDialog, kit } from '@/ui/kit'
import s from '../team.module.css'
import { ROLES } from './roles'

/** Invites somebody. A letter brings them the link where mail goes out; it is shown once as well. */
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
      <FormDialog isOpen={isOpen} close={close} title="Invite a member">
        <Fields close={close} />
      </FormDialog>
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
  if (invite.data) {
    const { emailed, ...made } = invite.data
    const link = new URL(made.link, location.origin).href
    return (
      <div className={s.link}>
        <p className={kit.said} role="status">
          {emailed
            ? `We’ve sent a letter to ${made.email}. You can give them this link too; it is shown this once.`
            : `${made.email} is invited. Send this link to them; it is shown this once.`}
        </p>
        <Copyable text={link} testId="invitation-link" />
        <Button onClick={close}>Done</Button>
      </div>
    )
  }
  return (
    <Form
      saving={invite}
      failed="Nobody was invited."
      submit="Invite member"
      isComplete={email !== '' && name !== ''}
      cancel={close}
    >
      {(errors) => (
        <>
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
        </>
      )}
    </Form>
  )
}
