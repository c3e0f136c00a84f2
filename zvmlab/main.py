"""`zvmlab`: starts a cloud, tells the story on it, shows what came of it, and stays up unless told not to."""

import argparse
import contextlib
import sys
from typing import Final

from rich.console import Console

from zvmlab import command, guide, show
from zvmlab.cast import EDGES, GUESTS
from zvmlab.cloud.base import Cloud
from zvmlab.cloud.embedded import EmbeddedCloud
from zvmlab.cloud.errors import CloudError
from zvmlab.cloud.full import FullCloud
from zvmlab.lab import CONTROL_POINTS, Lab, open_lab
from zvmlab.picture import Picture, take_picture
from zvmlab.population import Population
from zvmlab.stage import Stage
from zvmlab.story import TROUBLE, Story

BACKENDS: Final[dict[str, type[Cloud]]] = {"embedded": EmbeddedCloud, "full": FullCloud}


def main() -> int:
    """Returns the exit code: 0 if every expectation held."""
    options = _options()
    console = Console(highlight=False)
    console.width = max(show.WIDTH, console.width)
    command.end_on_signals()
    try:
        return run(options, console)
    except KeyboardInterrupt:
        console.print("\nInterrupted; everything has been ended.")
        return command.INTERRUPTED
    except CloudError as error:
        console.print(f"The cloud does not work: {error}", markup=False)
        return command.FAILED


def run(options: argparse.Namespace, console: Console) -> int:
    """Start a lab, tell the story, show what came of it, stay if wanted. Raises CloudError."""
    with contextlib.ExitStack() as stack:
        way = CONTROL_POINTS[options.control_point]
        with console.status(f"Two z/VM systems, {way.manner.title} and Neutron start"):
            lab = stack.enter_context(open_lab(BACKENDS[options.backend], way, options.state_dir))
        stage = Stage(console)
        story = Story(lab, stage)
        sights: list[Picture] = []
        story.tell(before_the_end=lambda: sights.append(take_picture(lab, story.population)))
        held = not stage.failed()
        if options.once or not held:
            for sight in sights:
                show.everything(console, sight)
        node_calls = story.addresses.node_calls
        show.figures(console, story.calls, stage.chapters, way.manner.title, node_calls)
        show.outcome(console, stage, lab.logs(), logs_stay=not options.once or options.state_dir is not None)
        if not options.once:
            _stay(console, lab, story.population, rebuild=held)
    return 0 if held else command.FAILED


def _stay(console: Console, lab: Lab, population: Population, rebuild: bool) -> None:
    """Keep the lab up until Ctrl-C or Ctrl-D, after a story that held with the same guests as before."""
    with contextlib.suppress(KeyboardInterrupt, EOFError):
        if rebuild:
            with console.status("The same networks and guests once more, to look at"):
                _rebuild(console, lab, population)
            show.everything(console, take_picture(lab, population))
        console.print(guide.how_to_go_on(lab), soft_wrap=True)
        while sys.stdin.isatty():
            console.input("\n[bold]Enter[/] shows everything as it is now, [bold]Ctrl-C[/] ends the lab. ")
            show.everything(console, take_picture(lab, population))
        console.print("\nCtrl-C (or SIGTERM) ends the lab.")
        command.wait_for_a_signal()


def _rebuild(console: Console, lab: Lab, population: Population) -> None:
    edges = EDGES if lab.control_point.manner.way == "directory" else ()
    try:
        population.rebuild((*GUESTS, *edges))
    except TROUBLE as trouble:
        console.print(f"Not all of it came back: {trouble}", markup=False)


def _options() -> argparse.Namespace:
    parser = command.parser("zvmlab", __doc__)
    parser.add_argument(
        "--backend",
        choices=BACKENDS,
        default="embedded",
        help="Neutron and agents in one process, or as sites run them, with RabbitMQ and MariaDB",
    )
    parser.add_argument("--control-point", choices=CONTROL_POINTS, default="xcat", help="the way to z/VM")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
