import { useState } from 'react'
import { Form } from '@/ui/kit'
import { EmailField, PasswordField } from './Fields'
import { Frame } from './Frame'
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
    <Frame title="Set your password" says="You sign in with it from now on.">
      <Form
        saving={entering}
        failed="The password was not set."
        submit="Set password and sign in"
        isWide
      >
        {(errors) => (
          <>
            {mayRename && <EmailField value={email} set={setEmail} error={errors['email']} />}
            <PasswordField
              label="New password"
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
