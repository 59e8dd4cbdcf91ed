"""What the face is asked to look like at one moment: plain numbers, no pixels, no time."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mouth:
    """Eight continuous mouth parameters; all are 0 at rest (lips lightly closed).

    Attributes:
        jaw: How far the jaw is open, 0 to 1.
        wide: Corners pulled out (positive, to 1) or in (negative, to -0.3).
        round: Lips pushed forward and rounded, 0 to 1.
        upper: Upper lip raised, 0 to 1.
        tuck: Lower lip under the upper teeth (f, v), 0 to 1.
        press: Lips pressed shut (p, b, m), 0 to 1; 1 means no gap whatever the jaw says.
        tongue: Tongue tip up and visible, 0 to 1.
        teeth: How much of the teeth shows in the gap, 0 to 1.
    """

    jaw: float = 0.0
    wide: float = 0.0
    round: float = 0.0
    upper: float = 0.0
    tuck: float = 0.0
    press: float = 0.0
    tongue: float = 0.0
    teeth: float = 0.0


MOUTH_KEYS = ("jaw", "wide", "round", "upper", "tuck", "press", "tongue", "teeth")
"""The order of the columns wherever mouths are kept as an array."""


@dataclass(frozen=True, slots=True)
class Pose:
    """One moment of the whole face.

    Lengths are in the characters' design units (the picture is 1000 units high), angles in
    degrees, everything else a share.

    Attributes:
        mouth: The mouth.
        smile: -0.5 (sad) to 1 (broad smile).
        blink: 0 open, 1 shut; both eyes.
        gaze_x: -1 (viewer's left) to 1.
        gaze_y: -1 (up) to 1 (down).
        brow_left: Raised by this share, -0.3 to 1.
        brow_right: As `brow_left`.
        brow_angle: Tilt of the brows in degrees; negative is worried.
        head_x: Sideways shift in design units.
        head_y: Downward shift in design units.
        roll: Head tilt in degrees.
        yaw: Turn, -1 to 1 (drives parallax of the features).
        pitch: Nod, -1 to 1.
        breath: 0 (out) to 1 (in): moves the shoulders.
    """

    mouth: Mouth = field(default_factory=Mouth)
    smile: float = 0.25
    blink: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    brow_left: float = 0.0
    brow_right: float = 0.0
    brow_angle: float = 0.0
    head_x: float = 0.0
    head_y: float = 0.0
    roll: float = 0.0
    yaw: float = 0.0
    pitch: float = 0.0
    breath: float = 0.5
