/** How a program charges for an operation, in the languages that most servers are written in. */
export const LANGUAGES = [
  { value: 'curl', label: 'cURL' },
  { value: 'python', label: 'Python' },
  { value: 'node', label: 'Node' },
] as const

export type Language = (typeof LANGUAGES)[number]['value']

interface Charge {
  origin: string
  walletId: string
  feature: string
  quantity: number
}

export const SAMPLES: Record<Language, (charge: Charge) => string> = {
  curl: ({ origin, walletId, feature, quantity }) =>
    [
      `curl ${origin}/v1/wallets/${walletId}/consume \\`,
      '  -H "Authorization: Bearer $KHATA_KEY" \\',
      '  -H "Idempotency-Key: $(uuidgen)" \\',
      '  -H "Content-Type: application/json" \\',
      `  -d '{"feature": "${feature}", "quantity": ${quantity}}'`,
    ].join('\n'),
  python: ({ origin, walletId, feature, quantity }) =>
    [
      'import os, uuid, httpx',
      '',
      'answer = httpx.post(',
      `    "${origin}/v1/wallets/${walletId}/consume",`,
      '    headers={',
      '        "Authorization": f"Bearer {os.environ[\'KHATA_KEY\']}",',
      '        "Idempotency-Key": str(uuid.uuid4()),  # the same one for each retry',
      '    },',
      `    json={"feature": "${feature}", "quantity": ${quantity}},`,
      ')',
      'if answer.status_code == 402:  # not enough credits: nothing was charged',
      '    ...',
    ].join('\n'),
  node: ({ origin, walletId, feature, quantity }) =>
    [
      `const answer = await fetch("${origin}/v1/wallets/${walletId}/consume", {`,
      '  method: "POST",',
      '  headers: {',
      '    Authorization: `Bearer ${process.env.KHATA_KEY}`,',
      '    "Idempotency-Key": crypto.randomUUID(), // the same one for each retry',
      '    "Content-Type": "application/json",',
      '  },',
      `  body: JSON.stringify({ feature: "${feature}", quantity: ${quantity} }),`,
      '})',
      'if (answer.status === 402) {} // not enough credits: nothing was charged',
    ].join('\n'),
}
