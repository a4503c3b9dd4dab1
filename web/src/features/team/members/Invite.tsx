import { Button, Select, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Member } from '@/api/types'
import { useKhata } from '@/react'
import { Copyable, Form, FormDialog, kit } from '@/ui/kit'
import { useRoles } from '../choices'
import { says } from '../messages'
import s from '../team.module.css'

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
        {says.invite.open}
      </Button>
      <FormDialog isOpen={isOpen} close={close} title={says.invite.title}>
        <Fields close={close} />
      </FormDialog>
    </>
  )
}

function Fields({ close }: { close: () => void }) {
  const { khata } = useKhata()
  const client = useQueryClient()
  const roles = useRoles()
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
          {emailed ? says.invite.emailed(made.email) : says.invite.invited(made.email)}
        </p>
        <Copyable text={link} testId="invitation-link" />
        <Button onClick={close}>{says.invite.done}</Button>
      </div>
    )
  }
  return (
    <Form
      saving={invite}
      failed={says.invite.failed}
      submit={says.invite.act}
      isComplete={email !== '' && name !== ''}
      cancel={close}
    >
      {(errors) => (
        <>
          <TextInput
            label={says.invite.email}
            type="email"
            value={email}
            onChange={({ currentTarget }) => setEmail(currentTarget.value)}
            error={errors['email']}
          />
          <TextInput
            label={says.invite.name}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
            error={errors['name']}
          />
          <Select
            label={says.invite.role}
            data={roles}
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
