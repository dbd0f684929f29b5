import type { LabRecord } from '../lab/lab-record.ts'
import { awsTarget } from './aws-target.ts'
import { onPractice } from './practice-findings.ts'
import { practiceTarget } from './practice-target.ts'
import type { Target, TargetName, Wish } from './target.ts'

export function openTarget(name: TargetName, stored: LabRecord | undefined, wish: Wish): Promise<Target> {
  return name === 'practice' ? onPractice(() => practiceTarget(stored, wish)) : awsTarget(stored, wish)
}
