export function ParticipantPage() {
  return <h1>Participant</h1>;
}
