import { SegmentedControl, Switch, useMantineColorScheme } from '@mantine/core'
import { useState } from 'react'
import { Card } from '@/ui/kit'
import { shortcutsAreOn, turnShortcuts } from '@/ui/shortcuts'
import { says } from './messages'

export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const [on, setOn] = useState(shortcutsAreOn)
  return (
    <Card title={says.appearance.title}>
      <SegmentedControl
        fullWidth
        aria-label={says.appearance.theme}
        value={colorScheme}
        onChange={setColorScheme}
        data={[
          { value: 'auto', label: says.appearance.auto },
          { value: 'light', label: says.appearance.light },
          { value: 'dark', label: says.appearance.dark },
        ]}
      />
      <Switch
        mt={16}
        label={says.appearance.shortcuts}
        checked={on}
        onChange={({ currentTarget }) => {
          setOn(currentTarget.checked)
          turnShortcuts(currentTarget.checked)
        }}
      />
    </Card>
  )
}
