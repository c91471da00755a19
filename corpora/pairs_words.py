"""The words of the toy translation sets: one line holds a word in English, French and Korean.

A French noun has its gender (and its plural where it is irregular), an adjective its masculine, feminine and, before a
vowel, its third form; a French verb is regular (-er) or has its forms for je, il, nous, ils and the participle. A Korean
noun has its counter; a Korean stem that is irregular is followed by the letter that changes (ㅂ, ㄷ, ㅅ, ㅎ, 르). The last
column says what kinds of things a word goes with, so that nobody repairs the soup; `own` are people one may call mine.
"""

from __future__ import annotations

from dataclasses import dataclass

PEOPLE = """
sailor | marin m | 선원                   ; cook | cuisinier m | 요리사 명 | own ; captain | capitaine m | 선장
queen | reine f | 여왕                    ; king | roi m | 왕                    ; baker | boulanger m | 제빵사
doctor | médecin m | 의사 명 | own        ; nurse | infirmière f | 간호사        ; painter | peintre m | 화가
dancer | danseuse f | 무용수              ; thief thieves | voleur m | 도둑      ; neighbour | voisin m | 이웃 명 | own
child children | enfant m | 아이 명 | own ; girl | fille f | 소녀                ; boy | garçon m | 소년
woman women | femme f | 여자              ; man men | homme m | 남자             ; poet | poète m | 시인
witch | sorcière f | 마녀                 ; princess | princesse f | 공주        ; fisherman fishermen | pêcheur m | 어부
gardener | jardinier m | 정원사 명 | own  ; musician | musicienne f | 음악가     ; shepherd | berger m | 양치기
uncle | oncle m | 삼촌 명 | own           ; friend | ami m | 친구 명 | own       ; detective | détective m | 탐정
lawyer | avocate f | 변호사 명 | own      ; pirate | pirate m | 해적             ; actress | actrice f | 여배우
magician | magicien m | 마술사            ; judge | juge m | 판사
"""
ANIMALS = """
cat | chat m | 고양이            ; dog | chien m | 개                ; horse | cheval chevaux m | 말
bird | oiseau oiseaux m | 새     ; mouse mice | souris f | 쥐        ; fox | renard m | 여우
bear | ours m | 곰               ; wolf wolves | loup m | 늑대       ; owl | hibou hiboux m | 부엉이
hedgehog | hérisson m | 고슴도치 ; cow | vache f | 소                ; duck | canard m | 오리
goose geese | oie f | 거위       ; frog | grenouille f | 개구리      ; turtle | tortue f | 거북이
elephant | éléphant m | 코끼리   ; lion | lion m | 사자              ; squirrel | écureuil m | 다람쥐
parrot | perroquet m | 앵무새    ; camel | chameau chameaux m | 낙타 ; snail | escargot m | 달팽이
"""
ANIMAL = """
animal | animal animaux m | 동물
"""
# The fourth column: what may be done with a thing. Whatever is a thing may be seen, sought, bought and lost.
THINGS = """
boat | bateau bateaux m | 배 척 | mend                     ; umbrella | parapluie m | 우산 개 | carry mend
key | clé f | 열쇠 개 | carry                              ; clock | horloge f | 시계 개 | mend
mirror | miroir m | 거울 개 | break clean round            ; table | table f | 탁자 개 | mend clean round
box | boîte f | 상자 개 | carry open shut round            ; bell | cloche f | 종 개 | mend clean
hat | chapeau chapeaux m | 모자 개 | carry round           ; ring | bague f | 반지 개 | clean
knife knives | couteau couteaux m | 칼 자루 | clean        ; car | voiture f | 자동차 대 | mend clean
bicycle | vélo m | 자전거 대 | mend clean                  ; door | porte f | 문 개 | open shut mend
window | fenêtre f | 창문 개 | open shut break clean round ; bottle | bouteille f | 병 개 | open shut break
plate | assiette f | 접시 개 | break clean                 ; flag | drapeau drapeaux m | 깃발 개 | carry
doll | poupée f | 인형 개 | mend carry                     ; ball | ballon m | 공 개 | carry
anchor | ancre f | 닻 개 | carry                           ; candle | bougie f | 양초 개 | carry
treasure | trésor m | 보물 개 | carry                      ; painting | tableau tableaux m | 그림 점 | carry
flower | fleur f | 꽃 송이 | carry                         ; rose | rose f | 장미 송이 | carry
tree | arbre m | 나무 그루 |                               ; star | étoile f | 별 개 |
house | maison f | 집 채 | build                           ; book | livre m | 책 권 | write carry
letter | lettre f | 편지 통 | write long                   ; map | carte f | 지도 장 | carry
poem | poème m | 시 편 | write long                        ; story stories | histoire f | 이야기 편 | write long
apple | pomme f | 사과 개 | eat                            ; orange | orange f | 오렌지 개 | eat
peach | pêche f | 복숭아 개 | eat                          ; lemon | citron m | 레몬 개 | eat
cake | gâteau gâteaux m | 케이크 개 | eat round            ; egg | œuf m | 달걀 개 | eat
onion | oignon m | 양파 개 | eat                           ; mushroom | champignon m | 버섯 개 | eat
"""
STUFF = """
bread | pain m | 빵 | eat             ; water | eau f | 물 | drink   ; tea | thé m | 차 | drink
coffee | café m | 커피 | drink        ; milk | lait m | 우유 | drink ; soup | soupe f | 수프 | eat
cheese | fromage m | 치즈 | eat       ; honey | miel m | 꿀 | eat    ; jam | confiture f | 잼 | eat
chocolate | chocolat m | 초콜릿 | eat ; salt | sel m | 소금 |        ; oil | huile f | 기름 |
"""
INSTRUMENTS = """
piano | piano m | 피아노  ; flute | flûte f | 플루트           ; guitar | guitare f | 기타 ; violin | violon m | 바이올린
drums | batterie f | 드럼 ; accordion | accordéon m | 아코디언
"""
# The fourth column: the English preposition (at, in, on are à, dans, sur), and what one does with the place.
PLACES = """
market | marché m | 시장 | at go                     ; harbour | port m | 항구 | in go visit
school | école f | 학교 | at go build                ; forest | forêt f | 숲 | in cross
garden | jardin m | 정원 | in visit                  ; library libraries | bibliothèque f | 도서관 | at go visit
kitchen | cuisine f | 부엌 | in go                   ; station | gare f | 역 | at go
beach | plage f | 해변 | on go                       ; island | île f | 섬 | on visit
bridge | pont m | 다리 | on cross long               ; village | village m | 마을 | in go cross visit
church | église f | 교회 | in go visit build         ; theatre | théâtre m | 극장 | at go
bakery bakeries | boulangerie f | 빵집 | at go       ; museum | musée m | 박물관 | at go visit
street | rue f | 거리 | in cross long                ; hospital | hôpital hôpitaux m | 병원 | at go
castle | château châteaux m | 성 | in go visit build ; tower | tour f | 탑 | in visit build
cave | grotte f | 동굴 | in visit                    ; field | champ m | 들판 | in cross
mill | moulin m | 방앗간 | at go                     ; lighthouse | phare m | 등대 | at go visit build
hill | colline f | 언덕 | on                         ; park | parc m | 공원 | in go cross
hotel | hôtel m | 호텔 | at go build                 ; palace | palais m | 궁전 | in go visit build
"""
NAMES = """
Anna | Anna f | 안나     ; Emma | Emma f | 엠마       ; Nora | Nora f | 노라     ; Alice | Alice f | 앨리스
Julia | Julia f | 줄리아 ; Clara | Clara f | 클라라   ; Lucas | Lucas m | 루카스 ; Oscar | Oscar m | 오스카
Martin | Martin m | 마틴 ; Daniel | Daniel m | 다니엘 ; Simon | Simon m | 시몬   ; Adam | Adam m | 아담
"""
CITIES = """
Paris | Paris m | 파리    ; Seoul | Séoul m | 서울     ; Busan | Busan m | 부산      ; Lyon | Lyon m | 리옹
London | Londres m | 런던 ; Rome | Rome m | 로마       ; Berlin | Berlin m | 베를린  ; Lisbon | Lisbonne m | 리스본
Oslo | Oslo m | 오슬로    ; Geneva | Genève m | 제네바 ; Athens | Athènes m | 아테네 ; Dublin | Dublin m | 더블린
"""
# Before or after the French noun; the Korean stem (where it is no predicate, two: for things and the living); the kinds.
ADJECTIVES = """
red | rouge rouge after | 빨갛 ㅎ | thing ; white | blanc blanche after | 하얗 ㅎ | thing
blue | bleu bleue after | 파랗 ㅎ | thing ; yellow | jaune jaune after | 노랗 ㅎ | thing
black | noir noire after | 까맣 ㅎ | thing animal ; round | rond ronde after | 둥글 | round
heavy | lourd lourde after | 무겁 ㅂ | thing animal ; light | léger légère after | 가볍 ㅂ | thing
expensive | cher chère after | 비싸 | thing stuff ; clean | propre propre after | 깨끗하 | thing place
useful | utile utile after | 유용하 | thing ; strange | étrange étrange after | 이상하 | thing animal person place
famous | célèbre célèbre after | 유명하 | person place ; brave | courageux courageuse after | 용감하 | person animal
lazy | paresseux paresseuse after | 게으르 르 | person animal ; happy | heureux heureuse after | 행복하 | person animal
sad | triste triste after | 슬프 | person animal ; tired | fatigué fatiguée after | 피곤하 | person animal
honest | honnête honnête after | 정직하 | person ; rich | riche riche after | 부유하 | person
kind | gentil gentille before | 친절하 | person ; clever | astucieux astucieuse after | 영리하 | person animal
quiet | calme calme after | 조용하 | place person ; noisy | bruyant bruyante after | 시끄럽 ㅂ | place person
hot | chaud chaude after | 뜨겁 ㅂ | drink ; fresh | frais fraîche after | 신선하 | eat
dangerous | dangereux dangereuse after | 위험하 | animal ; precious | précieux précieuse after | 귀중하 | thing
small | petit petite before | 작 | thing animal place ; big | grand grande before | 크 | thing animal place
beautiful | beau belle bel before | 아름답 ㅂ | thing place person ; lovely | joli jolie before | 예쁘 | thing
young | jeune jeune before | 젊 | person ; long | long longue before | 길 | long
old | vieux vieille vieil before | 오래되/늙 | thing place person animal
new | nouveau nouvelle nouvel before | 새/새 | thing place
"""
# Why somebody does something or does not, and whom the reason speaks of: the animal that acts, or what it crosses, eats or
# breaks. A plus marks reasons for doing it, the others are reasons for not doing it: a fox is "too" tired, a street "too" wide.
REASONS = """
tired | fatigué fatiguée after | 피곤하 | animal            ; lazy | paresseux paresseuse after | 게으르 르 | animal
sad | triste triste after | 슬프 | animal                   ; weak | faible faible after | 약하 | animal
sick | malade malade after | 아프 | animal                  ; hungry | affamé affamée after | 배고프 | +animal
brave | courageux courageuse after | 용감하 | +animal       ; happy | heureux heureuse after | 행복하 | +animal
wide | large large after | 넓 | cross                       ; dark | sombre sombre after | 어둡 ㅂ | cross
noisy | bruyant bruyante after | 시끄럽 ㅂ | cross          ; long | long longue before | 길 | cross
narrow | étroit étroite after | 좁 | +cross                 ; quiet | calme calme after | 조용하 | +cross
hot | chaud chaude after | 뜨겁 ㅂ | eat drink              ; cold | froid froide after | 차갑 ㅂ | eat drink
bitter | amer amère after | 쓰 | eat drink                  ; sweet | sucré sucrée after | 달 | +eat +drink
fresh | frais fraîche after | 신선하 | +eat +drink          ; heavy | lourd lourde after | 무겁 ㅂ | steal hide
big | grand grande before | 크 | steal hide                 ; precious | précieux précieuse after | 귀중하 | +steal +hide
thick | épais épaisse after | 두껍 ㅂ | break               ; thin | mince mince after | 얇 | +break
"""
# English (with its past where irregular), French, Korean, objects. A capital A: animals do it too. M: it is done somehow.
VERBS = """
see saw | vois voit voyons voient vu | 보 | person animal thing place A ; look for | chercher | 찾 | person animal thing A M
find found | trouver | 발견하 | animal thing A
build built | construis construit construisons construisent construit | 짓 ㅅ | build
love | aimer imparfait | 사랑하 | person animal ; follow | suis suit suivons suivent suivi | 따라가 | person animal A M
help | aider | 돕 ㅂ | person animal ; wait for | attends attend attendons attendent attendu | 기다리 | person A
carry | porter | 나르 르 | carry M ; buy bought | achète achète achetons achètent acheté | 사 | thing stuff
sell sold | vends vend vendons vendent vendu | 팔 | thing stuff ; repair | réparer | 고치 | mend M
draw drew | dessiner | 그리 | person animal thing place M ; open | ouvre ouvre ouvrons ouvrent ouvert | 열 | open M
close | fermer | 닫 | shut M ; write wrote | écris écrit écrivons écrivent écrit | 쓰 | write M
lose lost | perds perd perdons perdent perdu | 잃어버리 | thing ; hide hid | cacher | 숨기 | thing stuff M A
steal stole | voler | 훔치 | thing stuff A M ; eat ate | mange mange mangeons mangent mangé | 먹 | eat A M
drink drank | bois boit buvons boivent bu | 마시 | drink A M
clean | nettoie nettoie nettoyons nettoient nettoyé | 닦 | clean M ; break broke | casser | 깨 | break A
count | compter | 세 | person animal thing M
choose chose | choisis choisit choisissons choisissent choisi | 고르 르 | thing M ; make made | fabriquer | 만들 | mend
chase | poursuis poursuit poursuivons poursuivent poursuivi | 쫓 | animal A ; invite | inviter | 초대하 | person
wake woke | réveiller | 깨우 | person animal A ; forget forgot | oublier | 잊 | person thing
visit | visiter | 방문하 | visit city ; leave left | quitter | 떠나 | place city A
cross | traverse traverse traversons traversent traversé | 건너 | cross A M
"""
GIVING = """
give gave | donner | 주 | thing stuff          ; send sent | envoie envoie envoyons envoient envoyé | 보내 | carry write
show showed | montrer | 보여 주 | thing animal ; bring brought | apporter | 가져다주 | thing stuff
"""
DOING = """
sleep slept | dors dort dormons dorment dormi | 자     ; sing sang | chanter | 노래하 | M
dance | danser | 춤추 | M                              ; work | travailler | 일하 | M
laugh | ris rit rions rient ri | 웃 | M                ; cry | pleurer | 울
swim swam | nage nage nageons nagent nagé | 헤엄치 | M ; run ran | cours court courons courent couru | 달리
walk | marcher | 걷 ㄷ | M                             ; dream dreamt | rêver | 꿈꾸
play | jouer | 놀 | M                                  ; wait | attends attend attendons attendent attendu | 기다리
whistle | siffler | 휘파람을 불 | M
"""
MOVING = """
go went | vais va allons vont allé être | 가 | to             ; return | retourner être | 돌아가 | to
come came | viens vient venons viennent venu être | 오 | from ; arrive | arriver être | 도착하 | at
"""
PLAY = """
play | joue joue jouons jouent joué | 연주하
"""
SAYING = """
say said | dis dit disons disent dit | 말하    ; think thought | penser | 생각하
believe | crois croit croyons croient cru | 믿
"""


@dataclass(frozen=True)
class Noun:
    """A noun or a name: english and french are (one, many)."""

    english: tuple[str, str]
    french: tuple[str, str]
    gender: str
    korean: str
    counter: str
    kind: str
    tags: frozenset[str]


@dataclass(frozen=True)
class Adjective:
    """french is (masculine, feminine, masculine before a vowel); korean is a stem, or "thing/living" if it is no predicate."""

    english: str
    french: tuple[str, str, str]
    before: bool
    korean: str
    irregular: str
    tags: frozenset[str]

    @property
    def predicative(self) -> bool:
        return "/" not in self.korean


@dataclass(frozen=True)
class Verb:
    """english is (base, past, particle), french the forms for je, il, nous, ils and the participle."""

    english: tuple[str, str, str]
    french: tuple[str, ...]
    être: bool
    imparfait: bool
    korean: str
    irregular: str
    tags: frozenset[str]


def rows(table: str) -> list[list[str]]:
    """The cells of a table, whose rows end at a line's end or at a semicolon."""
    lines = [row for row in table.replace(";", "\n").split("\n") if row.strip()]
    return [[cell.strip() for cell in row.split("|")] for row in lines]


def more(word: str) -> str:
    """A noun with the plural's or a verb with the third person's ending."""
    if word.endswith(("s", "x", "ch", "sh")) or word == "go":
        return word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2] not in "aeiou" else word + "s"


def nouns(table: str, kind: str, counter: str = "") -> tuple[Noun, ...]:
    """The nouns of a table."""
    found = []
    for english, french, korean, *rest in rows(table):
        one, *many = english.split()
        *forms, gender = french.split()
        plural = forms[-1] if len(forms) > 1 or forms[0].endswith("s") else forms[0] + "s"
        word, *own = korean.split()
        tags = frozenset((kind, *(rest[0].split() if rest else ())))
        pair = (one, many[0] if many else more(one))
        found.append(Noun(pair, (forms[0], plural), gender, word, own[0] if own else counter, kind, tags))
    return tuple(found)


def adjectives(table: str) -> tuple[Adjective, ...]:
    """The adjectives of a table."""
    found = []
    for english, french, korean, tags in rows(table):
        *forms, place = french.split()
        stem, *irregular = korean.split()
        three = (forms[0], forms[1], forms[-1] if len(forms) == 3 else forms[0])
        found.append(Adjective(english, three, place == "before", stem, "".join(irregular), frozenset(tags.split())))
    return tuple(found)


def verbs(table: str) -> tuple[Verb, ...]:
    """The verbs of a table; what is not listed is regular."""
    found = []
    for english, french, korean, *rest in rows(table):
        base, *others = english.split()
        particle = next((word for word in others if word == "for"), "")
        past = next((word for word in others if word != particle), regular_past(base))
        forms = [word for word in french.split() if word not in ("être", "imparfait")]
        if len(forms) == 1:
            stem = forms[0].removesuffix("er")
            forms = [stem + ending for ending in ("e", "e", "ons", "ent", "é")]
        *stems, last = korean.split()
        irregular = last if last in ("ㅂ", "ㄷ", "ㅅ", "ㅎ", "르") else ""
        stem = " ".join(stems) if irregular else korean
        flags = ("être" in french.split(), "imparfait" in french.split())
        tags = frozenset(rest[0].split() if rest else ())
        found.append(Verb((base, past, particle), tuple(forms), *flags, stem, irregular, tags))
    return tuple(found)


def regular_past(base: str) -> str:
    """The regular past; no verb here doubles its consonant."""
    if base.endswith("e"):
        return base + "d"
    return base[:-1] + "ied" if base.endswith("y") and base[-2] not in "aeiou" else base + "ed"
