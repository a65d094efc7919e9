"""Every transform that there is: what it is called, which number of the recipe it has, how far that goes, its formula.

A transform's parameters for one picture are a function of (seed, number of the picture, number of the copy): see
``chance.draw``. All numbers are drawn whatever the recipe, so that one transform alone draws as it does among others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Literal

from yolodash.data.augment.recipe import UNCHANGED, Recipe
from yolodash.errors import N_, OptionError

Group = Literal["place", "light", "camera", "several"]


@dataclass(frozen=True)
class Transform:
    """One transform.

    Attributes:
        name: its number in the recipe.
        title, does: what it is called and what it does, message ids.
        group: what it changes: where things are, their light, what the camera adds, or whose pictures they are.
        high: the largest number that makes sense, and ``step`` a small one.
        usual: a number to begin with.
        unit: ``share``, ``degrees``, ``pixels``, ``levels``, ``stops``, ``probability`` …
        probability: how often it acts, the recipe's name for it; none where it acts always or is a probability itself.
        formula: in LaTeX: the matrix from (x, y, 1) before to (x, y, 1) after, or what becomes of a level x.
        loses: whether boxes can be lost.
    """

    name: str
    title: str
    does: str
    group: Group
    high: float
    step: float
    usual: float
    unit: str
    formula: str
    probability: str = ""
    loses: bool = True


_MIRRORED = r"\begin{pmatrix}-1&0&w\\0&1&0\\0&0&1\end{pmatrix}"
_UPSIDE_DOWN = r"\begin{pmatrix}1&0&0\\0&-1&h\\0&0&1\end{pmatrix}"
_QUARTER = r"\begin{pmatrix}0&1&0\\-1&0&w\\0&0&1\end{pmatrix}^{k},\;k\in\{1,2,3\}"
_ABOUT = r"T_{(\frac w2,\frac h2)}%sT_{(-\frac w2,-\frac h2)}"
_TURNED = _ABOUT % r"\begin{pmatrix}\cos\alpha&\sin\alpha&0\\-\sin\alpha&\cos\alpha&0\\0&0&1\end{pmatrix}"
_SCALED = _ABOUT % r"\begin{pmatrix}s&0&0\\0&s&0\\0&0&1\end{pmatrix}"
_SHEARED = _ABOUT % r"\begin{pmatrix}1&\tan\beta_x&0\\\tan\beta_y&1&0\\0&0&1\end{pmatrix}"
_SLANTED = _ABOUT % r"\begin{pmatrix}1&0&0\\0&1&0\\p_x&p_y&1\end{pmatrix}"
_MOVED = r"\begin{pmatrix}1&0&t_x w\\0&1&t_y h\\0&0&1\end{pmatrix}"
_CROPPED = (
    r"\begin{pmatrix}\frac w{w'}&0&-l\frac w{w'}\\0&\frac h{h'}&-t\frac h{h'}\\0&0&1\end{pmatrix},"
    r"\;w'\times h'\text{ of it left}"
)
_HSV = r"%s\mapsto %s,\quad f\in[1-a,\,1+a]"

TRANSFORMS: tuple[Transform, ...] = (
    Transform("flip_horizontal", N_("Mirror left and right"), N_("as in a mirror"), "place",
              1, 0.05, 0.5, "probability", _MIRRORED, loses=False),
    Transform("flip_vertical", N_("Mirror top and bottom"), N_("upside down, as in water"), "place",
              1, 0.05, 0.5, "probability", _UPSIDE_DOWN, loses=False),
    Transform("quarter_turn", N_("Quarter turns"), N_("by 90°, 180° or 270°"), "place",
              1, 0.05, 0.5, "probability", _QUARTER, loses=False),
    Transform("degrees", N_("Rotation"), N_("turned about the middle, either way"), "place",
              180, 1, 10, "degrees", _TURNED),
    Transform("crop", N_("Crop"), N_("a part, enlarged to the old size"), "place",
              0.9, 0.05, 0.3, "share", _CROPPED, "crop_probability"),
    Transform("shear", N_("Shear"), N_("slanted like italic letters"), "place",
              60, 1, 5, "degrees", _SHEARED),
    Transform("perspective", N_("Perspective"), N_("seen from the side"), "place",
              0.001, 0.0001, 0.0005, "per pixel", _SLANTED),
    Transform("scale", N_("Scale"), N_("larger or smaller"), "place",
              0.9, 0.05, 0.2, "share", _SCALED),
    Transform("translate", N_("Shift"), N_("moved across and down"), "place",
              0.9, 0.05, 0.1, "share", _MOVED),
    Transform("brightness", N_("Brightness"), N_("the same added everywhere"), "light",
              1, 0.05, 0.2, "share", r"x\mapsto x+255\,b,\quad b\in[-a,\,a]", loses=False),
    Transform("exposure", N_("Exposure"), N_("more or less light, in stops"), "light",
              4, 0.25, 1, "stops", r"x\mapsto x\cdot 2^{\,e/2.2},\quad e\in[-a,\,a]", loses=False),
    Transform("contrast", N_("Contrast"), N_("light and dark further apart, or closer"), "light",
              1, 0.05, 0.3, "share", r"x\mapsto (x-127.5)\,c+127.5,\quad c\in[1-a,\,1+a]", loses=False),
    Transform("hue", N_("Hue"), N_("colours turned around the circle"), "light",
              1, 0.005, 0.015, "share", _HSV % ("H", r"f\,H \bmod 360^\circ"), loses=False),
    Transform("saturation", N_("Saturation"), N_("colours stronger or paler"), "light",
              1, 0.05, 0.5, "share", _HSV % ("S", r"\min(f\,S,\,255)"), loses=False),
    Transform("value", N_("Value"), N_("brighter or darker by a factor"), "light",
              1, 0.05, 0.3, "share", _HSV % ("V", r"\min(f\,V,\,255)"), loses=False),
    Transform("grey", N_("Grey"), N_("no colour at all"), "light",
              1, 0.05, 0.3, "probability", r"R,G,B\mapsto 0.299\,R+0.587\,G+0.114\,B", loses=False),
    Transform("blur", N_("Blur"), N_("out of focus"), "camera", 20, 0.25, 2, "pixels",
              r"x\mapsto G_\sigma * x,\quad G_\sigma(u,v)=\tfrac1{2\pi\sigma^2}e^{-(u^2+v^2)/2\sigma^2}",
              "blur_probability", loses=False),
    Transform("noise", N_("Noise"), N_("grain, as in the dark"), "camera", 128, 1, 15, "levels",
              r"x\mapsto x+n,\quad n\sim\mathcal N(0,\sigma^2)", "noise_probability", loses=False),
    Transform("jpeg", N_("JPEG"), N_("saved too small: blocks of 8 × 8"), "camera", 95, 5, 70, "quality",
              r"x\mapsto \mathrm{DCT}^{-1}\!\left(Q_q\left\lfloor \mathrm{DCT}(x)/Q_q\right\rceil\right)",
              "jpeg_probability", loses=False),
    Transform("cutout", N_("Cutout"), N_("one to three grey holes"), "camera",
              0.8, 0.05, 0.3, "share", r"x(u,v)\mapsto 114\quad\text{in a hole}", "cutout_probability"),
    Transform("mosaic", N_("Mosaic"), N_("four pictures in one"), "several",
              1, 0.05, 0.5, "probability", r"(x,y)\mapsto(x+l_i-\tfrac s2,\;y+t_i-\tfrac s2)"),
    Transform("mixup", N_("Mixup"), N_("two pictures laid over each other"), "several",
              1, 0.05, 0.3, "probability", r"x\mapsto\lambda A+(1-\lambda)B,\quad\lambda\in[0.4,\,0.6]", loses=False),
)  # fmt: skip
BY_NAME = {one.name: one for one in TRANSFORMS}
PROBABILITIES = tuple(one.probability for one in TRANSFORMS if one.probability)


def active(recipe: Recipe) -> tuple[Transform, ...]:
    """The transforms that a recipe has."""
    return tuple(one for one in TRANSFORMS if getattr(recipe, one.name) > 0)


def alone(recipe: Recipe, name: str) -> Recipe:
    """The recipe with one transform only, which acts in every picture; its number is the recipe's, or the usual one."""
    one = BY_NAME[name]
    amount = 1.0 if one.unit == "probability" else getattr(recipe, name) or one.usual
    always = {one.probability: 1.0} if one.probability else {}
    return replace(UNCHANGED, **{name: amount}, **always, least_visible=recipe.least_visible)


def check_recipe(recipe: Recipe, *, names: frozenset[str] | None = None) -> None:
    """Refuse numbers that make no sense.

    Args:
        names: only these; all without.

    Raises:
        OptionError: one is no number, or lies outside its range.
    """
    highest = {one.name: one.high for one in TRANSFORMS}
    for name in (one.name for one in fields(Recipe) if names is None or one.name in names):
        value, high = getattr(recipe, name), highest.get(name, 1.0)
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 <= value <= high:
            raise OptionError(
                N_("{name} cannot be {value} in a recipe"),
                where=name,
                fix=N_("give a number from 0 to {high}"),
                name=name,
                value=str(value),
                high=f"{high:g}",
            )
