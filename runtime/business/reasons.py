"""The reasons a customer can choose from, in six languages."""

from domain.reasons import OTHER, Reason
from domain.subjects import Kind

_LANGUAGES = ("en", "de", "fr", "es", "it", "nl")
_ORDER = frozenset({Kind.ORDER})
_APPOINTMENT = frozenset({Kind.APPOINTMENT})
_BOTH = frozenset(Kind)

_CATALOGUE: tuple[tuple[str, frozenset[Kind], tuple[str, ...]], ...] = (
    (
        "changed_mind",
        _BOTH,
        (
            *("I changed my mind", "Ich habe es mir anders überlegt", "J’ai changé d’avis"),
            *("He cambiado de opinión", "Ho cambiato idea", "Ik ben van gedachten veranderd"),
        ),
    ),
    (
        "no_longer_needed",
        _ORDER,
        (
            *("No longer needed", "Nicht mehr benötigt", "Je n’en ai plus besoin"),
            *("Ya no lo necesito", "Non mi serve più", "Niet meer nodig"),
        ),
    ),
    (
        "ordered_by_mistake",
        _ORDER,
        (
            *("Ordered by mistake", "Versehentlich bestellt", "Commandé par erreur"),
            *("Pedido por error", "Ordinato per errore", "Per ongeluk besteld"),
        ),
    ),
    (
        "found_cheaper",
        _ORDER,
        (
            *("Found it cheaper elsewhere", "Anderswo günstiger gefunden", "Trouvé moins cher"),
            *("Lo encontré más barato", "Trovato a meno altrove", "Elders goedkoper gevonden"),
        ),
    ),
    (
        "too_slow",
        _ORDER,
        (
            *("Delivery takes too long", "Die Lieferung dauert zu lange", "Livraison trop longue"),
            *("La entrega tarda demasiado", "Consegna troppo lenta", "Levering duurt te lang"),
        ),
    ),
    (
        "wrong_item",
        _ORDER,
        (
            *("Wrong item", "Falscher Artikel", "Mauvais article"),
            *("Artículo equivocado", "Articolo sbagliato", "Verkeerd artikel"),
        ),
    ),
    (
        "damaged",
        _ORDER,
        (
            *("Arrived damaged", "Beschädigt angekommen", "Arrivé abîmé"),
            *("Llegó dañado", "Arrivato danneggiato", "Beschadigd aangekomen"),
        ),
    ),
    (
        "illness",
        _APPOINTMENT,
        ("Illness", "Krankheit", "Maladie", "Enfermedad", "Malattia", "Ziekte"),
    ),
    (
        "schedule_conflict",
        _APPOINTMENT,
        (
            *("I can’t make it", "Ich kann den Termin nicht wahrnehmen", "Je suis empêché"),
            *("No puedo acudir", "Non posso venire", "Ik ben verhinderd"),
        ),
    ),
    (
        "transport",
        _APPOINTMENT,
        (
            *("Trouble getting there", "Probleme bei der Anreise", "Problème de transport"),
            *("Problemas de transporte", "Problemi di trasporto", "Probleem met vervoer"),
        ),
    ),
    (
        OTHER,
        _BOTH,
        ("Something else", "Etwas anderes", "Autre chose", "Otra cosa", "Altro", "Iets anders"),
    ),
)

REASONS = tuple(
    Reason(
        code=code,
        labels=dict(zip(_LANGUAGES, labels, strict=True)),
        kinds=kinds,
        note_required=code == OTHER,
        position=position,
    )
    for position, (code, kinds, labels) in enumerate(_CATALOGUE, 1)
)
