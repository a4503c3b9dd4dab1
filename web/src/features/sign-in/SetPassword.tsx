import { useState } from 'react'
import { Form } from '@/ui/kit'
import { EmailField, PasswordField } from './Fields'
import { Frame } from './Frame'
import { says } from './messages'
import { useEntering } from './useEntering'

/**
 * The link of a sign-in: whoever has it sets the password of its user, once. Where it `mayRename`,
 * having been made on the machine, it says whose e-mail that is too.
 */
export function SetPassword({ token, mayRename }: { token: string; mayRename: boolean }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const entering = useEntering((api) =>
    api.POST('/v1/session', { body: { token, password, ...(mayRename && { email }) } }),
  )
  return (
    <Frame title={says.setPassword.title} sub={says.setPassword.sub}>
      <Form saving={entering} failed={says.setPassword.failed} submit={says.setPassword.act} isWide>
        {(errors) => (
          <>
            {mayRename && <EmailField value={email} set={setEmail} error={errors['email']} />}
            <PasswordField
              label={says.setPassword.password}
              isNew
              value={password}
              set={setPassword}
              error={errors['password']}
            />
          </>
        )}
      </Form>
    </Frame>
  )
}
