"""The two labels that the law prescribes for withdrawing online. They are nobody's to reword.

Article 11a of Directive 2011/83/EU, put in by Directive (EU) 2023/2673, in force from 19 June 2026:
the way in is labelled "withdraw from contract here" or as clearly, the second step only "confirm
withdrawal" or as clearly. A merchant can't set them, and no catalogue translates them.
"""

from collections.abc import Mapping
from typing import NamedTuple

from web.shared.languages import SOURCE


class Labels(NamedTuple):
    """`source` says where the words come from."""

    entry: str
    confirm: str
    source: str


LABELS: Mapping[str, Labels] = {
    "en": Labels(
        "Withdraw from contract here",
        "Confirm withdrawal",
        "Directive 2011/83/EU, art. 11a(1) and (3), English text",
    ),
    "de": Labels(
        "Vertrag widerrufen",
        "Widerruf bestätigen",
        "§ 356a BGB, which puts art. 11a into German law",
    ),
    "fr": Labels(
        "Se rétracter du contrat ici",
        "Confirmer la rétractation",
        "as clear as art. 11a: words of the right of 'rétractation', code de la consommation,"
        " art. L. 221-18 and L. 221-21",
    ),
    "es": Labels(
        "Desistir del contrato aquí",
        "Confirmar el desistimiento",
        "as clear as art. 11a: words of the right of 'desistimiento', Real Decreto Legislativo"
        " 1/2007, art. 68 and 102",
    ),
    "pt-BR": Labels(
        "Desistir do contrato aqui",
        "Confirmar a desistência",
        "as clear as art. 11a: words of Código de Defesa do Consumidor, art. 49",
    ),
    "ar": Labels(
        "العدول عن العقد هنا",
        "تأكيد العدول",
        "as clear as art. 11a: the usual term of consumer laws in Arabic, 'حق العدول'",
    ),
}


def labels_of(language: str) -> Labels:
    return LABELS.get(language, LABELS[SOURCE])
