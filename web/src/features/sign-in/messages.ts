/** What the pages say that are there before anybody is signed in. */
export const says = {
  signIn: {
    title: 'Sign in',
    sub: 'Credits, billing and usage of your organisation.',
    failed: 'You are not signed in.',
    forgotten: 'Forgot your password?',
    /** The command's name follows, and then what it does. */
    noPassword: 'No password yet? The first start of Khata prints a link, and',
    makesAnother: 'makes another.',
  },
  fields: {
    email: 'E-mail',
    password: 'Password',
    shortest: (characters: number) => `At least ${characters} characters`,
  },
  forgotten: {
    title: 'Forgot your password?',
    sub: 'A link by e-mail lets you choose another.',
    failed: 'No link was sent.',
    act: 'Send me a link',
    back: 'Back to sign in',
    done: 'Look into your mail.',
    sent: (email: string, minutes: number) =>
      `If ${email} is the address of somebody here, a link is on its way. It is good once, for ${minutes} minutes.`,
  },
  invitation: {
    title: 'You are invited',
    sub: 'Choose a password, or type the one you have here already.',
    broken: 'This link is not whole',
    brokenSub: 'Open the invitation once more, as it was sent.',
    failed: 'You are not a member yet.',
    act: 'Accept invitation',
    name: 'Your name (optional)',
  },
  setPassword: {
    title: 'Set your password',
    sub: 'You sign in with it from now on.',
    failed: 'The password was not set.',
    act: 'Set password and sign in',
    password: 'New password',
  },
  provider: {
    or: 'or',
    continue: (name: string) => `Continue with ${name}`,
    failed: 'You are not signed in.',
    again: 'Try once more. If it stays so, tell whoever runs this Khata.',
  },
  /** Why somebody who was at the provider is not signed in: a title and what now. */
  notByProvider: {
    off: ['That way in is not set up here.', 'Sign in with your e-mail and password.'],
    denied: ['You did not sign in there.', 'The provider told us that it was cancelled.'],
    expired: ['That took too long.', 'Or it began in another browser. Try once more.'],
    unverified: [
      'Your e-mail is not verified there.',
      'Have the provider verify it, or sign in with a password.',
    ],
    unknown: [
      'Nobody here has that e-mail.',
      'Ask to be invited, or sign in there with the address you were invited by.',
    ],
    unavailable: ['The provider does not answer.', 'Try again in a minute.'],
  } as Record<string, readonly [title: string, text: string]>,
}
