/** The way back to the tour of the demo plant. */
import { Button } from '@fluentui/react-components';
import { Card } from '../shell/card.tsx';
import { useTour } from '../tour/tour-host.tsx';

export function TourSettings() {
  const startTour = useTour();
  if (startTour === null) return null;
  return (
    <Card title="Tour" lead="Five steps through the demo plant: alerts, why one fired, Learn, the map, the timeline." error={null}>
      <div>
        <Button onClick={startTour}>Take the tour</Button>
      </div>
    </Card>
  );
}
