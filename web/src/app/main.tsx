import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { MantineProvider } from '@mantine/core'
import { RouterProvider } from '@tanstack/react-router'
import { attendance } from '@/api/attended'
import { createKhata, KhataProvider } from '@/react'
import '@/ui/mantine.css'
import '@/ui/tokens.css'
import '@/ui/global.css'
import { Toasts } from '@/ui/kit'
import { resolver, theme } from '@/ui/theme'
import { router } from './router'

const khata = createKhata({ isAttended: attendance(window) })

const root = document.getElementById('root')
if (!root) throw new Error('The page has no #root.')
createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto">
      <Toasts />
      <KhataProvider khata={khata}>
        <RouterProvider router={router} />
      </KhataProvider>
    </MantineProvider>
  </StrictMode>,
)
